// One operation by kafkajs' own API, in this process: prints its figures as one JSON line.
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { keyAt, measuring, paced, partitions, sendInCalls, valueAt } from './workload.mjs';

/** What serves kafkajs best, by processor time, of 500, 1,000, 2,000 and 5,000. */
const perSend = 1_000;
const [operation, brokers, topic, recordsText] = process.argv.slice(2);
const records = Number(recordsText);
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const figures = await { produce, consume, latency }[operation]();
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));

async function openProducer() {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = kafka.producer({ createPartitioner, allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}

async function produce() {
  const producer = await openProducer();
  const finish = measuring(records);
  const send = (from, to) => {
    const timestamp = `${Date.now()}`;
    const messages = [];
    for (let n = from; n < to; n++) {
      messages.push({ key: keyAt(n), value: valueAt(n), partition: n % partitions, timestamp });
    }
    return producer.send({ topic, acks: -1, messages });
  };
  await sendInCalls(records, send, perSend);
  await producer.disconnect();
  return finish();
}

/** Reads as a group's only member; `begun` is called when it may, `took` with every batch. */
async function read(begun, took) {
  const consumer = kafka.consumer({ groupId: `bench-kafkajs-${process.pid}-${topic}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  consumer.on(consumer.events.GROUP_JOIN, begun);
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: operation === 'consume' ? partitions : 1,
    eachBatch: async ({ batch, resolveOffset }) => {
      took(batch.messages);
      resolveOffset(batch.lastOffset());
    },
  });
}

function consume() {
  let finish = null;
  let came = 0;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const begun = () => {
      finish = measuring(records);
    };
    const took = (messages) => {
      for (const { key, value } of messages) bytes += key.length + value.length;
      came += messages.length;
      if (came < records) return;
      if (bytes === records * 108) resolve(finish());
      else reject(new Error(`${bytes} bytes came`));
    };
    read(begun, took).catch(reject);
  });
}

async function latency() {
  const producer = await openProducer();
  let arrived = null;
  await new Promise((resolve) => {
    read(resolve, (messages) => {
      for (const { value } of messages) arrived(value);
    });
  });
  const send = (n, value) => {
    const message = { key: keyAt(n), value, partition: n % partitions };
    producer.send({ topic, acks: -1, messages: [message] });
  };
  return paced(send, (each) => {
    arrived = each;
  });
}
