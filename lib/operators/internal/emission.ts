import { type AnyRecord, origin, tableChange } from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import type { EmitStrategy } from './grouping.ts';
import { ChangeCounter } from './guards.ts';
import { PendingChanges } from './PendingChanges.ts';

/** How the changes of an aggregation reach those behind it. */
export interface Emission {
  /** A row changed because of this record. */
  changed(
    key: unknown,
    value: unknown,
    previous: unknown,
    timestamp: number,
    cause: AnyRecord,
  ): void;
  /** A window closed with this row. */
  closed(key: unknown, value: unknown, timestamp: number, cause: AnyRecord): void;
  /** Changes wait until their window has closed. */
  readonly holdsBack: boolean;
  /** Changes wait for the commit, as in Kafka Streams' record cache. */
  readonly caches: boolean;
  /**
   * What a first row is told to have replaced: the initial value, as Kafka Streams does. Its cache
   * looks into the store instead, and finds nothing.
   */
  beforeFirst(initial: unknown): unknown;
  beforeCommit?(): void;
}

export function emissionOf(node: NodeContext, emit: EmitStrategy): Emission {
  const counter = new ChangeCounter(node.turn);
  const change: Emission['changed'] = (key, value, previous, timestamp, cause) =>
    node.emit(
      tableChange(key, value, previous, timestamp, cause.headers, cause[origin], counter.next()),
    );
  const told = (initial: unknown): unknown => initial;
  switch (emit) {
    case 'on close':
      return {
        holdsBack: true,
        caches: false,
        beforeFirst: told,
        changed: () => {},
        closed: (key, value, timestamp, cause) => change(key, value, null, timestamp, cause),
      };
    case 'on commit': {
      const pending = new PendingChanges(node.store('pending'));
      return {
        holdsBack: false,
        caches: true,
        beforeFirst: () => null,
        changed: (...args) => pending.note(...args),
        closed: () => {},
        beforeCommit: () => pending.flush(change),
      };
    }
    default:
      return {
        holdsBack: false,
        caches: false,
        beforeFirst: told,
        changed: change,
        closed: () => {},
      };
  }
}
