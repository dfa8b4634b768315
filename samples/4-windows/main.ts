import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { recordsOf, recordsUntil } from '../recordsUntil.ts';
import { readQuakes } from './data.ts';
import { hours, quakes, shaking, swarms } from './topology.ts';

const client = memoryKafka();
for (const { topic } of [quakes, swarms, hours]) client.createTopic({ topic, partitions: 4 });
const all = await readQuakes();
await produce(client, quakes, all);

const app = new KafkaStreams(shaking, {
  applicationId: 'shaking',
  client,
  idle: { afterMs: 200 }, // the last swarms end when nothing comes for so long
});
await app.start();
let told = 0;
const ended = await recordsUntil(client, swarms, ({ value }) => {
  told += value?.quakes ?? 0;
  return told === all.length;
});
const busiest = new Map<string, number>();
for (const { key, value } of await recordsOf(client, hours)) {
  busiest.set(key.key, Math.max(value, busiest.get(key.key) ?? 0));
}
await app.close();

const shown = ended.flatMap(({ key, value }) => (value === null ? [] : [{ ...key, ...value }]));
const when = (ms: number): string => new Date(ms).toISOString().slice(5, 16).replace('T', ' ');
console.log(`${all.length} earthquakes, ${shown.length} swarms. The ten largest:\n`);
console.log('from         until        strongest  in an hour');
for (const swarm of shown.sort((a, b) => b.quakes - a.quakes).slice(0, 10)) {
  console.log(
    `${when(swarm.start)}  ${when(swarm.end)}  ${swarm.strongest.toFixed(1).padStart(9)}`,
    `${String(busiest.get(swarm.key)).padStart(11)}  ${'▌'.repeat(Math.ceil(swarm.quakes / 4))}`,
    `${swarm.quakes} near ${swarm.key}`,
  );
}
