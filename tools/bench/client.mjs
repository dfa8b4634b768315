// `npm run bench -- client --brokers host:port [--records 1000000] [--rounds 3]
// [--only produce,consume]`: this client, kafkajs' own API and, where Java is there, Kafka's perf
// tools, on the same topics.
// Runs alternate, each in a process of its own; what each came to goes to standard error, and the
// medians of all rounds to standard output, one JSON line per client and operation.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkajs } from 'rxkstreams/kafkajs';
import { javaConsume, javaProduce, javaTools } from './client/java.mjs';
import { medians, ratios } from './client/medians.mjs';
import { sendAll } from './client/sendAll.mjs';

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'produce,consume,latency' },
    'no-java': { type: 'boolean', default: false },
  },
});
const { brokers } = options;
const records = Number(options.records);
const operations = options.only.split(',');
const partitions = 4;
/** Of what is read: batches of about 30 KB. */
const readBatch = 250;
const run = `${process.pid}-${Date.now().toString(36)}`;

const connection = await kafkajs({ brokers: brokers.split(',') }).connect();
const java = options['no-java'] ? null : await javaTools();
const measured = [];
let topics = 0;

for (let round = 1; round <= Number(options.rounds); round++) {
  for (const operation of ['produce', 'consume', 'latency']) {
    if (operations.includes(operation)) await alternate(operation, round);
  }
}
for (const line of medians(measured)) process.stdout.write(`${JSON.stringify(line)}\n`);
process.stderr.write(`${ratios(measured).join('\n')}\n`);
await connection.close();

async function alternate(operation, round) {
  const clients = ['rxkstreams', 'kafkajs', ...(java && operation !== 'latency' ? ['java'] : [])];
  // Who begins changes from round to round: the machine is not the same from minute to minute.
  const turn = round % clients.length;
  const shared = operation === 'consume' ? await filledTopic() : null;
  for (const client of [...clients.slice(turn), ...clients.slice(0, turn)]) {
    const topic = shared ?? (await newTopic());
    const line = { client, operation, ...(await measure(client, operation, topic)) };
    process.stderr.write(`${JSON.stringify({ round, ...line })}\n`);
    measured.push(line);
    if (shared === null) await connection.admin.deleteTopics([topic]);
  }
  if (shared !== null) await connection.admin.deleteTopics([shared]);
}

function measure(client, operation, topic) {
  if (client === 'java') {
    const how = operation === 'produce' ? javaProduce : javaConsume;
    return how(java, { brokers, topic, records });
  }
  return child(client, operation, topic);
}

async function newTopic() {
  const topic = `bench-client-${run}-${topics++}`;
  await connection.admin.createTopics([{ topic, partitions }]);
  return topic;
}

async function filledTopic() {
  const topic = await newTopic();
  await sendAll(connection, { topic, records, perBatch: readBatch });
  return topic;
}

/** One operation in a process of its own, which ends with one line of JSON. */
function child(client, operation, topic) {
  const file = path.join(import.meta.dirname, 'client', `${client}.mjs`);
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [file, operation, brokers, topic, `${records}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    started.stdout.on('data', (chunk) => {
      said += chunk;
    });
    started.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(said));
      else reject(new Error(`${client} ${operation} ended with ${code}.`));
    });
  });
}
