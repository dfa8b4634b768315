import { filter, map, merge, mergeMap, tap } from 'rxjs';
import {
  branch,
  filterTable,
  foreach,
  mapValues,
  repartition,
  selectKey,
  to,
  toStream,
  toTable,
} from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op } from '../Scenario.ts';
import type { Json, Key } from '../values.ts';
import { flat, keySelector, predicate, type Selector, valueMapper } from '../vocabulary.ts';
import {
  type Build,
  idOf,
  need,
  rowValues,
  type Stream,
  type StreamNode,
  topicOf,
  values,
} from './Build.ts';
import { ownHeaders } from './headers.ts';

/** The stream by its new key, which lies in the wrong partition. */
export function rekeyed(source: Stream, select: Selector): Stream {
  return source.pipe(selectKey(({ key, value }) => select(key, value))) as unknown as Stream;
}

/**
 * What an operator of RxJS hands on to several consumers it makes again for each. Kafka Streams'
 * operators are nodes: they see a record once, and hand it on in the order in which all were
 * built. So is ours behind it.
 */
export function asNode(source: Stream): Stream {
  return source.pipe(mapValues((value: Json) => value));
}

/** The stream as a node whose records have headers of their own, where some op changes any. */
export function withOwnHeaders(build: Build, source: Stream): Stream {
  return build.changesHeaders ? asNode(source.pipe(map(ownHeaders))) : source;
}

/** What is written keeps the headers of that moment, whoever changes them later. */
function asWritten(build: Build, source: Stream): Stream {
  return build.changesHeaders ? source.pipe(map(ownHeaders)) : source;
}

/**
 * The stream partitioned by its key: where Kafka Streams would repartition by itself, we say so.
 */
export function partitioned(build: Build, { source, rekeyed }: StreamNode, id: string): Stream {
  if (!rekeyed) return source;
  const serdes = { key: keys, value: values };
  return asWritten(build, source).pipe(repartition(`auto-${id}`, serdes));
}

function same(build: Build, op: Op, change: (source: Stream) => Stream): void {
  const { source, rekeyed } = build.inputOf(op, 'stream');
  build.name(idOf(op), { kind: 'stream', source: change(source), rekeyed });
}

function keyed(build: Build, op: Op, change: (source: Stream) => Stream): void {
  const { source } = build.inputOf(op, 'stream');
  build.name(idOf(op), { kind: 'stream', source: change(source), rekeyed: true });
}

export function buildFilter(build: Build, op: Op): void {
  const holds = predicate(need(op, 'pred', op.pred));
  const wanted = op.op === 'filter';
  const input = build.input(op);
  if (input.kind === 'table') {
    const passes = (value: Json, key: Key): boolean => holds(key, value) === wanted;
    const source = input.source.pipe(filterTable(passes, build.rowsOption(op)));
    build.name(idOf(op), { kind: 'table', source });
    return;
  }
  same(build, op, (source) =>
    asNode(source.pipe(filter(({ key, value }) => holds(key, value) === wanted))),
  );
}

export function buildMapValues(build: Build, op: Op): void {
  const mapper = valueMapper(need(op, 'fn', op.fn));
  const project = (value: Json, key: Key): Json => mapper(key, value);
  const input = build.input(op);
  if (input.kind === 'table') {
    const source = input.source.pipe(mapValues(project, build.storeOption(op)));
    build.name(idOf(op), { kind: 'table', source });
    return;
  }
  same(build, op, (source) => source.pipe(mapValues(project)));
}

export function buildMap(build: Build, op: Op): void {
  const select = keySelector(op.key ?? 'key');
  const mapper = valueMapper(op.value ?? 'identity');
  keyed(build, op, (source) =>
    asNode(
      source.pipe(
        map((record) => {
          const { key, value } = record;
          return { ...record, key: select(key, value), value: mapper(key, value) };
        }),
      ),
    ),
  );
}

export function buildFlatMap(build: Build, op: Op): void {
  const list = flat(need(op, 'fn', op.fn));
  const keepsKey = op.op === 'flatMapValues';
  const change = (source: Stream): Stream =>
    asNode(
      source.pipe(
        mergeMap((record) =>
          list(record.key, record.value).map(([key, value]) =>
            keepsKey ? { ...record, value } : { ...record, key, value },
          ),
        ),
      ),
    );
  if (keepsKey) same(build, op, change);
  else keyed(build, op, change);
}

export function buildSelectKey(build: Build, op: Op): void {
  const select = keySelector(need(op, 'key', op.key));
  keyed(build, op, (source) => rekeyed(source, select));
}

export function buildMerge(build: Build, op: Op): void {
  const all = build.inputs(op, 'stream');
  // In Kafka Streams a stream merged with itself has one child, which sees each record once.
  const inputs = all.filter((input, index) => index !== 1 || input !== all[0]);
  build.name(idOf(op), {
    kind: 'stream',
    source: asNode(merge(...inputs.map(({ source }) => source))),
    rekeyed: inputs.some(({ rekeyed }) => rekeyed),
  });
}

export function buildPeek(build: Build, op: Op): void {
  const id = idOf(op);
  same(build, op, (source) =>
    asNode(source.pipe(tap(({ key, value }) => build.peek(id, key, value)))),
  );
}

export function buildForeach(build: Build, op: Op): void {
  const id = idOf(op);
  const { source } = build.inputOf(op, 'stream');
  source.pipe(foreach(({ key, value }) => build.peek(id, key, value)));
}

export function buildSplit(build: Build, op: Op): void {
  const { source, rekeyed } = build.inputOf(op, 'stream');
  const tests: Record<string, true | ((record: { key: Key; value: Json }) => boolean)> = {};
  for (const { as, pred } of need(op, 'branches', op.branches)) {
    const holds = predicate(pred);
    tests[as] = ({ key, value }) => holds(key, value);
  }
  if (op.default !== undefined) tests[op.default] = true;
  const parts = branch(source, tests);
  for (const [as, part] of Object.entries(parts)) {
    build.name(`${idOf(op)}.${as}`, { kind: 'stream', source: part, rekeyed });
  }
}

export function buildRepartition(build: Build, op: Op): void {
  const { source } = build.inputOf(op, 'stream');
  // Kafka Streams' drops null keys here, as it does before it groups; ours keeps what it is given.
  const keyed = source.pipe(filter(({ key }) => key !== null));
  const through = asWritten(build, keyed).pipe(
    repartition(op.name ?? idOf(op), { key: keys, value: values }),
  );
  build.name(idOf(op), { kind: 'stream', source: through, rekeyed: false });
}

export function buildToTable(build: Build, op: Op): void {
  const input = build.inputOf(op, 'stream');
  const store = build.keyValue(op.store ?? `${idOf(op)}-store`);
  const source = partitioned(build, input, idOf(op)).pipe(toTable(store));
  build.name(idOf(op), { kind: 'table', source });
}

export function buildToStream(build: Build, op: Op): void {
  const source = build.inputOf(op, 'table').source.pipe(toStream());
  build.name(
    idOf(op),
    op.key === undefined
      ? { kind: 'stream', source, rekeyed: false }
      : { kind: 'stream', source: rekeyed(source, keySelector(op.key)), rekeyed: true },
  );
}

export function buildTo(build: Build, op: Op): void {
  const source = asWritten(build, build.inputOf(op, 'stream').source);
  if (op.topicBy === undefined) {
    source.pipe(to(topicOf(need(op, 'topic', op.topic))));
    return;
  }
  const select = keySelector(op.topicBy);
  const topicFor = ({ key, value }: { key: Key; value: Json }): string => `${select(key, value)}`;
  source.pipe(to(topicFor, { key: keys, value: rowValues }));
}
