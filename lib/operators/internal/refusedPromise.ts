import { StreamsError } from '../../errors.ts';
import type { AnyRecord } from '../../model/record.ts';
import type { NodeContext } from '../../topology/NodeContext.ts';
import { placeOf } from './guards.ts';

/**
 * A function that should have been synchronous answered a promise: nothing would wait for it, and a
 * commit would pass what it has not done yet.
 */
export function refusedPromise(
  node: NodeContext,
  record: AnyRecord,
  promise: Promise<unknown>,
): StreamsError {
  // It is refused as a whole: that it fails, too, is nobody's business.
  promise.catch(() => undefined);
  return new StreamsError(
    'OUT_OF_TURN',
    `${node.label}: its function is async, and nothing would wait for it: what it does could be lost with a crash. Make it synchronous, or use mapValuesAsync.`,
    { place: placeOf(node, record) },
  );
}
