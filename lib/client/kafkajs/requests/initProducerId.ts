import type { ProtocolReader } from '../protocol/Reader.ts';
import type { ProtocolWriter } from '../protocol/Writer.ts';

/**
 * InitProducerId request v4 (flexible): transactional_id COMPACT_NULLABLE_STRING,
 * transaction_timeout_ms INT32, producer_id INT64 (-1), producer_epoch INT16 (-1), tags
 *
 * InitProducerId response v4: throttle_time_ms INT32, error_code INT16, producer_id INT64,
 * producer_epoch INT16, tags
 *
 * With the producer's present id and epoch (KIP-360) it only raises the epoch, and a zombie is
 * refused.
 */
export const initProducerIdVersion = 4;

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface InitProducerIdResponse extends ProducerIdentity {
  readonly errorCode: number;
}

export function encodeInitProducerId(
  writer: ProtocolWriter,
  transactionalId: string | null,
  transactionTimeoutMs: number,
  before: ProducerIdentity,
): void {
  writer.compactNullableString(transactionalId).int32(transactionTimeoutMs);
  writer.int64(before.producerId).int16(before.producerEpoch).noTags();
}

export function decodeInitProducerId(reader: ProtocolReader): InitProducerIdResponse {
  reader.int32();
  return {
    errorCode: reader.int16(),
    producerId: reader.int64(),
    producerEpoch: reader.int16(),
  };
}
