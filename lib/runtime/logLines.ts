import type { KafkaStreams } from './KafkaStreams.ts';

/** Tells an app's life line by line. */
export function logLines(
  id: string,
  app: Pick<KafkaStreams, 'state$' | 'errors$' | 'restoration$'>,
  log: (line: string) => void,
): void {
  app.state$.subscribe((state) => log(`${id}: ${state}`));
  app.errors$.subscribe((error) => log(`${id}: ${error.code}: ${error.message}`));
  app.restoration$.subscribe(({ task, store, checkpointRows, changelogRecords }) =>
    log(
      `${id}: task ${task}: restored ${store}: ${checkpointRows} rows of the checkpoint, ${changelogRecords} changelog records replayed`,
    ),
  );
}
