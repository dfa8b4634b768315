import type { Buffer } from 'node:buffer';
import type { ProtocolReader } from '../../../lib/client/kafkajs/protocol/Reader.ts';
import type { ProtocolWriter } from '../../../lib/client/kafkajs/protocol/Writer.ts';
import { BatchBuilder, stampBatch } from '../../../lib/client/kafkajs/records/BatchBuilder.ts';
import { readTopics, writeTopics } from '../../../lib/client/kafkajs/requests/topicArrays.ts';
import type { TopicPartition } from '../../../lib/model/topicPartition.ts';

// The bodies of brokers' answers, for scripts.

/** To InitProducerId: who the producer is. */
export function answerInit(out: ProtocolWriter, producerId = 7, producerEpoch = 0): void {
  out.int32(0).int16(0).int64(producerId).int16(producerEpoch).noTags();
}

/** What became of a batch: written at `offset`, or refused. */
export interface Appended {
  readonly errorCode: number;
  readonly offset: number;
}

/** To Produce: what becomes of each batch. */
export function answerProduce(
  body: ProtocolReader,
  out: ProtocolWriter,
  append: (to: TopicPartition, batch: Buffer) => Appended,
): void {
  body.nullableString();
  body.int16();
  body.int32();
  const appended = readTopics(body, (topic) => {
    const to = { topic, partition: body.int32() };
    return { ...to, ...append(to, body.byteArray()) };
  });
  writeProduced(out, appended);
}

/** To Produce, of partition 0 of a topic: written at offset 0. */
export function answerProduced(out: ProtocolWriter, topic: string): void {
  writeProduced(out, [{ topic, partition: 0, errorCode: 0, offset: 0 }]);
}

function writeProduced(
  out: ProtocolWriter,
  appended: readonly (TopicPartition & Appended)[],
): void {
  writeTopics(out, appended, ({ partition, errorCode, offset }) => {
    out.int32(partition).int16(errorCode).int64(offset).int64(-1).int64(0);
    out.int32(0).nullableString(null);
  });
  out.int32(0);
}

/** To AddPartitionsToTxn: an error number for each partition. */
export function answerAddPartitions(
  body: ProtocolReader,
  out: ProtocolWriter,
  codeOf: (tp: TopicPartition) => number,
): void {
  body.string();
  body.int64();
  body.int16();
  const asked = readTopics(body, (topic) => ({ topic, partition: body.int32() }));
  out.int32(0);
  writeTopics(out, asked, (tp) => out.int32(tp.partition).int16(codeOf(tp)));
}

/** To Fetch, from partition 0 of a topic: an error, or records. */
export function answerFetch(
  out: ProtocolWriter,
  topic: string,
  o: { readonly errorCode?: number; readonly records?: Buffer; readonly throttleMs?: number } = {},
): void {
  const { errorCode = 0, records, throttleMs = 0 } = o;
  out.int32(throttleMs).int16(0).int32(0);
  writeTopics(out, [{ topic, partition: 0 }], ({ partition }) => {
    out.int32(partition).int16(errorCode).int64(1).int64(1).int64(0);
    out
      .int32(-1)
      .int32(-1)
      .nullableBytes(records ?? null);
  });
}

/** To Metadata: the nodes, and topics with the leaders of their partitions. */
export function answerMetadata(
  out: ProtocolWriter,
  nodes: readonly { readonly nodeId: number; readonly port: number }[],
  topics: Readonly<Record<string, readonly number[]>>,
): void {
  out.int32(0).array(nodes, ({ nodeId, port }) => {
    out.int32(nodeId).string('127.0.0.1').int32(port).nullableString(null);
  });
  out.nullableString('cluster').int32(nodes[0]?.nodeId ?? -1);
  out.array(Object.entries(topics), ([topic, leaders]) => {
    out.int16(0).string(topic).boolean(false);
    out.array([...leaders.entries()], ([partition, leader]) => {
      out.int16(0).int32(partition).int32(leader).int32(0);
      for (const replicas of [[leader], [leader], []]) out.array(replicas, (id) => out.int32(id));
    });
    out.int32(0);
  });
  out.int32(0);
}

/** A batch of one record, as a log holds it at offset 0. */
export function batchOf(value: string): Buffer {
  const builder = new BatchBuilder();
  builder.append({ key: null, value: new TextEncoder().encode(value), timestamp: 1 });
  const bytes = builder.seal(null, 0);
  stampBatch(bytes, {
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    isTransactional: false,
  });
  return bytes;
}
