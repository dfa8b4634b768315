// One operation by this client, in this process: prints its figures as one JSON line.
import { kafkajs } from 'rxkstreams/kafkajs';
import { sendAll } from './sendAll.mjs';
import { keyAt, measuring, paced, partitions } from './workload.mjs';

const [operation, brokers, topic, recordsText] = process.argv.slice(2);
const records = Number(recordsText);
const connection = await kafkajs({ brokers: brokers.split(',') }).connect();
const figures = await { produce, consume, latency }[operation]();
await connection.close();
process.stdout.write(`${JSON.stringify(figures)}\n`);

async function produce() {
  const finish = measuring(records);
  await sendAll(connection, { topic, records });
  return finish();
}

async function consume() {
  let finish = null;
  const member = joining(() => {
    finish = measuring(records);
  });
  let came = 0;
  let bytes = 0;
  while (came < records) {
    for (const { records: some } of await member.poll(500)) {
      for (const { key, value } of some) bytes += key.length + value.length;
      came += some.length;
    }
  }
  const line = finish();
  if (bytes !== records * 108) throw new Error(`${bytes} bytes came`);
  await member.close();
  return line;
}

async function latency() {
  const producer = connection.producer();
  let isOver = false;
  const member = joining(() => {});
  while (!member.hasBegun) await member.poll(100);
  const polls = async (arrived) => {
    while (!isOver) {
      for (const { records: some } of await member.poll(500)) {
        for (const { value } of some) arrived(value);
      }
    }
  };
  const send = (n, value) => {
    const record = { key: keyAt(n), value, timestamp: Date.now() };
    producer.send([{ topic, partition: n % partitions, records: [record] }]);
  };
  let polling = null;
  const line = await paced(send, (arrived) => {
    polling = polls(arrived);
  });
  isOver = true;
  await polling;
  await producer.close();
  await member.close();
  return line;
}

/** A group's only member, reading all from the start; `begun` is called when it may. */
function joining(begun) {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const nothing = new Uint8Array(0);
  const member = connection.group({
    groupId: `bench-rxkstreams-${process.pid}-${topic}`,
    topics: [topic],
    isolation: 'read-uncommitted',
    assignor: {
      name: 'all-to-one',
      userData: () => nothing,
      assign: ([one]) => new Map([[one.memberId, { partitions: all, userData: nothing }]]),
    },
    onRejoin: async () => {},
    onAssigned: async ({ added }) => {
      begun();
      for (const tp of added) member.seek(tp, 0);
      member.hasBegun = true;
    },
    onLost: async () => {},
  });
  member.hasBegun = false;
  return member;
}
