import { parseArgs } from 'node:util';
import { KafkaStreams, kafkajs, memoryKafka } from 'rxkstreams';
import { prepare, readFlights } from './data.ts';
import { report, rowsUntil } from './report.ts';
import { delaysByState } from './topology.ts';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, brokers: { type: 'string' } },
});
const client =
  options.brokers === undefined
    ? memoryKafka()
    : kafkajs({ brokers: options.brokers.split(','), clientId: 'flights' });

await prepare(client);
const total = (await readFlights()).length;
const app = new KafkaStreams(delaysByState, {
  applicationId: 'flights',
  client,
  idle: { afterMs: 500 }, // the last windows close when nothing comes for half a second
});
app.errors$.subscribe((error) => console.error(error.message));
const progress = setInterval(() => {
  if (process.stderr.isTTY) process.stderr.write(`\r${app.metrics().recordsProcessed} records`);
}, 100);

await app.start();
const rows = await rowsUntil(client, total);
await app.close();
clearInterval(progress);
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

const sorted = [...rows.values()].sort(
  (a, b) => a.hour.localeCompare(b.hour) || a.state.localeCompare(b.state),
);
if (options.json) for (const row of sorted) console.log(JSON.stringify(row));
else console.log(report(sorted));
