import { describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { concat, filter, interval, merge, share, tap, withLatestFrom } from 'rxjs';
import type { ErrorCode } from '../../lib/errors.ts';
import { TopologyError } from '../../lib/errors.ts';
import {
  statefulNode,
  statefulOperator,
  statelessOperator,
} from '../../lib/operators/internal/operator.ts';
import { stream } from '../../lib/operators/stream.ts';
import { topic } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';
import { planOf } from '../../lib/topology/planOf.ts';
import { currentScope } from '../../lib/topology/scope.ts';

const orders = topic('orders', json<number>());
const other = topic('other', json<number>());

const step = (kind: string) =>
  statelessOperator<unknown, never>({ kind, describedAs: 'KSTREAM-STEP' }, (node) => node.emit);
const end = (kind = 'end') =>
  statefulOperator<unknown, never>({ kind, describedAs: 'KSTREAM-SINK', produces: [] }, [], () => ({
    inputs: [() => {}],
  }));
const store =
  (name: string, shared = false) =>
  (source: Observable<unknown>) =>
    statefulNode(
      {
        kind: 'keep',
        describedAs: 'KSTREAM-KEEP',
        name,
        stores: () => [
          {
            role: 'rows',
            name,
            kind: 'key-value',
            key: string() as never,
            value: json() as never,
            timeIndex: false,
            changelog: 'topic',
            shared,
          },
        ],
      },
      [source],
      () => ({ inputs: [() => {}] }),
    )[0] as Observable<never>;
const repartition = (name: string) => (source: Observable<unknown>) => {
  const spec = {
    name,
    key: string() as never,
    value: json() as never,
    partitions: null,
    partitioner: null,
  };
  statefulNode(
    {
      kind: 'repartition',
      describedAs: 'KSTREAM-SINK',
      name,
      produces: [],
      sink: { topic: null, key: spec.key, value: spec.value, partitioner: null, repartition: spec },
    },
    [source],
    (node) => ({ inputs: [(r) => node.send(r)] }),
  );
  return currentScope().source({
    topics: [name],
    pattern: null,
    key: spec.key,
    value: spec.value,
    timestampOf: null,
    undecodable: null,
    repartition: spec,
  });
};

function edges(factory: () => void): string[] {
  return planOf(factory).nodes.flatMap((node) =>
    node.inputs.map(
      (from, input) => `${node.label}.${input} <- ${from.map((edge) => edge.node).join(' ')}`,
    ),
  );
}

function failure(factory: () => void): [ErrorCode, string] {
  try {
    planOf(factory);
  } catch (error) {
    if (error instanceof TopologyError) return [error.code, error.message];
    throw error;
  }
  throw new Error('the topology was planned');
}

describe('edges', () => {
  it('are found through any foreign operators', () => {
    expect(
      edges(() => {
        const a = stream(orders).pipe(filter(Boolean), tap());
        const b = a.pipe(step('b'));
        merge(b, stream(other)).pipe(end());
      }),
    ).toEqual(['b#1.0 <- 0', 'end#3.0 <- 1 2']);
  });

  it("are found for each consumer of a user's share()", () => {
    expect(
      edges(() => {
        const shared = stream(orders).pipe(step('a'), share());
        end('one')(shared);
        end('two')(shared);
      }),
    ).toEqual(['a#1.0 <- 0', 'one#2.0 <- 1', 'two#3.0 <- 1']);
  });

  it('are found behind withLatestFrom', () => {
    expect(
      edges(() => {
        stream(orders).pipe(withLatestFrom(stream(other)), end());
      }),
    ).toEqual(['end#2.0 <- 1 0']);
  });
});

describe('sources', () => {
  it('of one topic are one node', () => {
    const plan = planOf(() => {
      stream(orders).pipe(end());
      stream(orders).pipe(end());
    });
    expect(plan.nodes.filter((node) => node.source !== null)).toHaveLength(1);
  });
});

describe('sub-topologies', () => {
  it('are cut by a repartition', () => {
    const plan = planOf(() => {
      stream(orders).pipe(repartition('by-x')).pipe(end());
    });
    expect(plan.subTopologies).toMatchObject([
      { id: 0, nodes: [0, 1], sources: [0], repartitionsWritten: ['by-x'], repartitionsRead: [] },
      { id: 1, nodes: [2, 3], sources: [2], repartitionsWritten: [], repartitionsRead: ['by-x'] },
    ]);
  });

  it('are joined by a store that operators share', () => {
    const plan = planOf(() => {
      stream(orders).pipe(store('seen', true));
      stream(other).pipe(store('seen', true));
    });
    expect(plan.subTopologies).toHaveLength(1);
  });
});

describe('what cannot run', () => {
  it('two stores of one name', () => {
    const [code, message] = failure(() => {
      stream(orders).pipe(store('seen'));
      stream(other).pipe(store('seen'));
    });
    expect(code).toBe('DUPLICATE_NAME');
    expect(message).toContain(
      "Two operators own a store named 'seen': keep(seen) and keep(seen)#3",
    );
  });

  it('two repartitions of one name', () => {
    const [code] = failure(() => {
      stream(orders).pipe(repartition('x')).pipe(end());
      stream(other).pipe(repartition('x')).pipe(end());
    });
    expect(code).toBe('DUPLICATE_NAME');
  });

  it('a factory that differs the second time', () => {
    let runs = 0;
    const [code, message] = failure(() => {
      stream(orders).pipe(step(`step-${runs++}`), end());
    });
    expect(code).toBe('TOPOLOGY_NOT_DETERMINISTIC');
    expect(message).toContain('node 1 was step-0, then step-1');
  });

  it('a pipeline that leads nowhere', () => {
    expect(failure(() => void stream(orders).pipe(step('a')))[0]).toBe('NODE_NOT_REACHED');
    expect(failure(() => void stream(orders))[1]).toContain('source(orders) leads nowhere');
  });

  it('a pipeline behind concat is not reached', () => {
    const [code, message] = failure(() => {
      concat(stream(orders), stream(other)).pipe(end());
    });
    expect(code).toBe('NODE_NOT_REACHED');
    expect(message).toContain('source(other)');
  });

  it('an input that is no source', () => {
    const [code, message] = failure(() => {
      interval(1).pipe(end());
    });
    expect(code).toBe('NODE_NOT_REACHED');
    expect(message).toContain('an Observable made outside is no source');
  });

  it('a stage that types did not see', () => {
    const [code, message] = failure(() => {
      stream(orders).pipe(
        (source) =>
          statefulNode(
            { kind: 'count', describedAs: 'X', accepts: [['table']], produces: [] },
            [source],
            () => ({ inputs: [() => {}] }),
          )[0] as Observable<never>,
      );
    });
    expect(code).toBe('STAGE_INVALID');
    expect(message).toContain("count cannot follow what is 'partitioned'; it takes 'table'");
  });

  it('an empty or an async factory', () => {
    expect(failure(() => {})[0]).toBe('TOPOLOGY_INVALID');
    expect(failure((async () => {}) as () => void)[1]).toContain('must be synchronous');
  });

  it('one topic read in two ways', () => {
    const [code, message] = failure(() => {
      stream(orders).pipe(end());
      stream(topic('orders', string())).pipe(end());
    });
    expect(code).toBe('TOPOLOGY_INVALID');
    expect(message).toContain('another value serde');
  });
});
