import { KafkaStreams, kafkajs } from 'rxkstreams';
import { lmdbStorage } from 'rxkstreams/lmdb';

/** What the parent wants: `brokers`, a folder for checkpoints (`state`), and options of the app. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

/**
 * Runs a topology until SIGTERM and tells the parent what happens: `log` lines, `restored` stores,
 * how much is `processed` after each commit. Asked for a store, it answers with its rows.
 */
export async function runInstance(topology, stores = {}) {
  const { brokers, state, app: options } = settings;
  const tell = (message) => process.send(message);
  const app = new KafkaStreams(topology, {
    ...options,
    client: kafkajs({ brokers: [brokers] }),
    ...(state === undefined ? {} : { state: lmdbStorage({ path: state }) }),
    log: (log) => tell({ log }),
  });
  app.state$.subscribe((is) => tell({ state: is, tasks: app.tasks.map(({ id }) => id) }));
  app.restoration$.subscribe((restored) => tell({ restored }));
  app.metrics$.subscribe(({ recordsProcessed, recordsDropped, commits }) => {
    tell({ metrics: { processed: recordsProcessed, dropped: recordsDropped, commits } });
  });
  process.on('message', async ({ ask }) => {
    // Offsets are seen by others a little before the rows are.
    await app.idle();
    tell({ rows: await app.store(stores[ask]).all() });
  });
  process.on('SIGTERM', async () => {
    await app.close();
    process.disconnect();
  });
  await app.start();
}

/** Keeps the processor busy, as work would. */
export function spin(us) {
  const until = performance.now() + us / 1000;
  while (performance.now() < until);
}
