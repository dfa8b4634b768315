import type { Observable } from 'rxjs';
import { TopologyError } from '../errors.ts';
import type { AnyRecord } from '../model/record.ts';
import { Observable as RxObservable } from '../rx.ts';
import { EventTime } from './EventTime.ts';
import type { NodeSpec, SourceSpec } from './NodeSpec.ts';
import type { Edge } from './Plan.ts';
import type { Scope } from './scope.ts';

/** A source or an operator as it registered while planning. */
export interface Registered {
  readonly index: number;
  readonly source: SourceSpec | null;
  readonly spec: NodeSpec | null;
  readonly inputs: readonly Observable<unknown>[];
}

/**
 * Registers what a factory applies. Its Observables emit nothing: subscribing to one only notes
 * that it was reached. That is how edges are found, whatever foreign operators stand between.
 */
export class PlanScope implements Scope {
  readonly kind = 'plan';
  readonly registered: Registered[] = [];
  /** What has been subscribed to, in order. */
  readonly reached: Edge[] = [];
  readonly #sources = new Map<string, { spec: SourceSpec; records: Observable<AnyRecord> }>();

  source(spec: SourceSpec): Observable<AnyRecord> {
    const id = sourceId(spec);
    const known = this.#sources.get(id);
    if (known !== undefined) {
      checkSameSource(known.spec, spec);
      return known.records;
    }
    const index = this.registered.push({
      index: this.registered.length,
      source: spec,
      spec: null,
      inputs: [],
    });
    const records = this.#output(index - 1, 0);
    this.#sources.set(id, { spec, records });
    return records;
  }

  node(spec: NodeSpec, inputs: readonly Observable<unknown>[]): readonly Observable<AnyRecord>[] {
    const index = this.registered.length;
    this.registered.push({ index, source: null, spec, inputs });
    return spec.produces.map((_, output) => this.#output(index, output));
  }

  /** Nothing happens while planning, so its time stands still. */
  eventTime(): EventTime {
    return new EventTime();
  }

  #output(node: number, output: number): Observable<AnyRecord> {
    return new RxObservable<AnyRecord>(() => {
      this.reached.push({ node, output });
    });
  }
}

/** All sources of one topic (or set of topics, or pattern) are one node. */
export function sourceId(spec: SourceSpec): string {
  if (spec.pattern !== null) return `pattern ${spec.pattern}`;
  return `${spec.repartition === null ? 'topic' : 'repartition'} ${spec.topics.join(', ')}`;
}

function checkSameSource(known: SourceSpec, next: SourceSpec): void {
  const differs =
    known.key !== next.key
      ? 'key serde'
      : known.value !== next.value
        ? 'value serde'
        : known.timestampOf !== next.timestampOf
          ? 'timestampOf'
          : known.undecodable?.policy !== next.undecodable?.policy
            ? 'undecodable'
            : null;
  if (known.repartition !== null) {
    throw new TopologyError(
      'DUPLICATE_NAME',
      `Two repartitions are named '${known.repartition.name}': a repartition's name is its topic, give each its own.`,
    );
  }
  if (differs === null) return;
  throw new TopologyError(
    'TOPOLOGY_INVALID',
    `The topic ${known.topics.join(', ')} is read twice, with another ${differs} each time: use one handle and the same options, as it is read once.`,
  );
}
