import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';
import type { ProducerIdentity } from './initProducerId.ts';

/**
 * AddOffsetsToTxn request v2: transactional_id STRING, producer_id INT64, producer_epoch INT16,
 * group_id STRING
 *
 * AddOffsetsToTxn response v2: throttle_time_ms INT32, error_code INT16
 */
export const addOffsetsToTxnVersion = 2;

export function encodeAddOffsetsToTxn(
  writer: ProtocolWriter,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  groupId: string,
): void {
  writer.string(transactionalId).int64(producerId).int16(producerEpoch).string(groupId);
}

export function decodeAddOffsetsToTxn(reader: ProtocolReader): number {
  reader.int32();
  return reader.int16();
}
