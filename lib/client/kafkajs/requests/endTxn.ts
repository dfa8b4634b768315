import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { ProducerIdentity } from './initProducerId.ts';

/**
 * EndTxn request v2: transactional_id STRING, producer_id INT64, producer_epoch INT16, committed
 * BOOLEAN
 *
 * EndTxn response v2: throttle_time_ms INT32, error_code INT16
 */
export const endTxnVersion = 2;

export function encodeEndTxn(
  writer: ProtocolWriter,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  isCommit: boolean,
): void {
  writer.string(transactionalId).int64(producerId).int16(producerEpoch).boolean(isCommit);
}

export function decodeEndTxn(reader: ProtocolReader): number {
  reader.int32();
  return reader.int16();
}
