import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { recordsOf } from '../recordsUntil.ts';
import { readDays } from './data.ts';
import { diary, watching, weather } from './topology.ts';

const client = memoryKafka();
for (const { topic } of [weather, diary]) client.createTopic({ topic, partitions: 1 });
await produce(client, weather, await readDays());

const app = new KafkaStreams(watching, { applicationId: 'watching', client });
await app.start();
await app.idle();
await app.close();

for (const { key, value } of await recordsOf(client, diary)) {
  const column = value.what.includes('report') ? ' '.repeat(40) : '';
  console.log(`${column}${value.at}  ${key.padEnd(9)} ${value.what}`);
}
