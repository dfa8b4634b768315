/**
 * Where the fields of a record batch of format 2 lie.
 *
 * RecordBatch: base_offset INT64, batch_length INT32 (of all that follows), partition_leader_epoch
 * INT32, magic INT8 (2), crc UINT32 (CRC-32C of all that follows), attributes INT16,
 * last_offset_delta INT32, base_timestamp INT64, max_timestamp INT64, producer_id INT64,
 * producer_epoch INT16, base_sequence INT32, records_count INT32, records (compressed as one, when
 * they are)
 *   Record: length VARINT, attributes INT8, timestamp_delta VARLONG, offset_delta VARINT,
 *           key_length VARINT (-1: null), key, value_length VARINT, value, headers_count VARINT,
 *           [headers]
 *   Header: key_length VARINT, key, value_length VARINT (-1: null), value
 */
export const at = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordsCount: 57,
  records: 61,
} as const;

/** Bits of a batch's attributes. */
export const attribute = {
  codec: 7,
  logAppendTime: 8,
  transactional: 16,
  control: 32,
} as const;

/** No record is smaller: seven fields of at least a byte each. */
export const smallestRecordBytes = 7;
