import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { lines, totals, wordCount, wordCounts } from './topology.ts';

const client = memoryKafka();
for (const { topic } of [lines, totals]) client.createTopic({ topic, partitions: 2 });

const entry = createRequire(import.meta.url).resolve('rxkstreams/package.json');
const text = await readFile(entry.replace('package.json', 'README.md'), 'utf8');
await produce(
  client,
  lines,
  text.split('\n').map((value, n) => ({ key: `line ${n}`, value, timestamp: n })),
);

const app = new KafkaStreams(wordCount, { applicationId: 'word-count', client });
await app.start();
await app.idle();

const counts = await app.store(wordCounts).all();
for (const { key, value } of counts.sort((a, b) => b.value - a.value).slice(0, 10)) {
  console.log(String(value).padStart(5), key);
}
await app.close();
