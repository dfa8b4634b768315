import type { Observable, SchedulerLike } from 'rxjs';
import { TopologyError } from '../errors.ts';
import type { AnyRecord } from '../model/record.ts';
import { bareScope } from './bareScope.ts';
import type { StartKernel } from './NodeContext.ts';
import type { NodeSpec, SourceSpec } from './NodeSpec.ts';

/**
 * Where an operator registers when it is applied: the planner, a task, or (outside any topology)
 * neither.
 */
export interface Scope {
  readonly kind: 'plan' | 'task' | 'bare';
  /** The records of a topic; all sources of one topic are one. */
  source(spec: SourceSpec): Observable<AnyRecord>;
  /** An operator on these inputs; one Observable for each output of the spec. */
  node(
    spec: NodeSpec,
    inputs: readonly Observable<unknown>[],
    start: StartKernel,
  ): readonly Observable<AnyRecord>[];
  /** Stream time as a scheduler. */
  eventTime(): SchedulerLike;
}

/** The only mutable module variable of the library. */
let current: Scope | null = null;

/** The scope that is being built; outside `topology()` the bare one. */
export function currentScope(): Scope {
  return current ?? bareScope;
}

/** Runs a topology's factory in a scope. */
export function withScope(scope: Scope, factory: () => void): void {
  if (current !== null) {
    throw new TopologyError(
      'TOPOLOGY_INVALID',
      'A topology was built inside the factory of another: build it outside, one after the other.',
    );
  }
  current = scope;
  try {
    const result = factory() as unknown;
    if (result instanceof Promise) {
      // What it does later is an error too, but of a factory that is refused already.
      result.catch(() => undefined);
      throw new TopologyError(
        'TOPOLOGY_INVALID',
        'The factory of a topology is async: it must be synchronous, as it is run again for every task.',
      );
    }
  } finally {
    current = null;
  }
}
