import { keyAt, partitions, perSend, sendInCalls, valueAt } from './workload.mjs';

/** Writes records evenly over the partitions of a topic, so many in each batch. */
export async function sendAll(connection, { topic, records, perBatch = perSend / partitions }) {
  const producer = connection.producer();
  const send = (from, to) => producer.send(batchesOf(topic, from, to));
  await sendInCalls(records, send, perBatch * partitions);
  await producer.close();
}

function batchesOf(topic, from, to) {
  const timestamp = Date.now();
  const batches = [];
  for (let partition = 0; partition < partitions; partition++) {
    batches.push({ topic, partition, records: [] });
  }
  for (let n = from; n < to; n++) {
    batches[n % partitions].records.push({ key: keyAt(n), value: valueAt(n), timestamp });
  }
  return batches;
}
