import type { Observable, OperatorFunction } from 'rxjs';
import type { AnyRecord, Stage } from '../../model/record.ts';
import { Observable as RxObservable } from '../../rx.ts';
import type { NodeContext, StartKernel } from '../../topology/NodeContext.ts';
import type { NodeSpec } from '../../topology/NodeSpec.ts';
import { currentScope } from '../../topology/scope.ts';

/** The stages a stream can be in. */
export const plain: readonly Stage[] = ['partitioned', 'key changed: repartition() first'];
export const partitioned: readonly Stage[] = ['partitioned'];
export const table: readonly Stage[] = ['table'];

/** What all nodes need to say; the rest of the spec has defaults. */
export type NodeOptions = Partial<NodeSpec> & Pick<NodeSpec, 'kind' | 'describedAs'>;

function specOf(o: NodeOptions, inputs: number): NodeSpec {
  return {
    name: null,
    accepts: Array.from({ length: inputs }, () => plain),
    produces: [null],
    ...o,
  };
}

/**
 * An operator that forgets every record as soon as it is through: made of a function that is
 * started for each task and then handed one record after the other.
 */
export function statelessOperator<A, B>(
  o: NodeOptions,
  start: (node: NodeContext) => (record: AnyRecord) => void,
): OperatorFunction<A, B> {
  return (source) => {
    return statefulNode<B>(o, [source], (node) => ({ inputs: [start(node)] }))[0] ?? silent<B>();
  };
}

/**
 * An operator with stores, several inputs, several outputs, or a table's view: applied to its first
 * input, with the others given.
 */
export function statefulOperator<A, B>(
  o: NodeOptions,
  others: readonly Observable<unknown>[],
  start: StartKernel,
): OperatorFunction<A, B> {
  return (source) => statefulNode<B>(o, [source, ...others], start)[0] ?? silent<B>();
}

/** What the end of a pipeline (`produces: []`) hands on. */
function silent<B>(): Observable<B> {
  return new RxObservable<B>(() => {});
}

/** The same, with all its outputs. */
export function statefulNode<B>(
  o: NodeOptions,
  inputs: readonly Observable<unknown>[],
  start: StartKernel,
): readonly Observable<B>[] {
  return currentScope().node(
    specOf(o, inputs.length),
    inputs,
    start,
  ) as unknown as readonly Observable<B>[];
}
