import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { recordsUntil } from '../recordsUntil.ts';
import { readBoards } from './data.ts';
import { arrivals, changing, connections, departures } from './topology.ts';

const client = memoryKafka();
for (const { topic } of [arrivals, departures, connections]) {
  client.createTopic({ topic, partitions: 4 });
}
const boards = await readBoards();
await produce(client, arrivals, boards.arrivals);
await produce(client, departures, boards.departures);

const app = new KafkaStreams(changing, {
  applicationId: 'changing',
  client,
  idle: { afterMs: 200 }, // the last who found nothing are told when nothing comes for so long
});
await app.start();
const told = new Set<number>();
const all = await recordsUntil(client, connections, ({ value }) => {
  told.add(value.arrival.flight);
  return told.size === boards.arrivals.length;
});
await app.close();

const hubs = new Map<string, { arrived: Set<number>; stranded: number; goals: Set<string> }>();
for (const { key, value } of all) {
  const hub = hubs.get(key) ?? { arrived: new Set(), stranded: 0, goals: new Set() };
  hub.arrived.add(value.arrival.flight);
  if (value.departure === null) hub.stranded += 1;
  else hub.goals.add(value.departure.to);
  hubs.set(key, hub);
}
console.log('Of 20,000 flights: who finds another one to go on with, within an hour?\n');
console.log('airport  arrivals  goals  who can go on');
for (const [airport, { arrived, stranded, goals }] of [...hubs]
  .sort(([, a], [, b]) => b.arrived.size - a.arrived.size)
  .slice(0, 12)) {
  const share = 1 - stranded / arrived.size;
  console.log(
    `${airport.padEnd(7)}  ${String(arrived.size).padStart(8)}  ${String(goals.size).padStart(5)}`,
    ` ${(share * 100).toFixed(0).padStart(3)}% ${'█'.repeat(Math.round(share * 40))}`,
  );
}
