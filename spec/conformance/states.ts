import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunMode } from './RunMode.ts';

type State = ReturnType<NonNullable<RunMode['state']>>;

/** Checkpoints in LMDB: a new folder for each scenario, all of them gone in the end. */
export async function lmdbStates(): Promise<{
  readonly next: () => State;
  readonly close: () => Promise<void>;
}> {
  // Only who asks for it needs the package.
  const { lmdbStorage } = await import('rxkstreams/lmdb');
  const folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
  const opened: State[] = [];
  return {
    next() {
      const state = lmdbStorage({ path: path.join(folder, `${opened.length}`) });
      opened.push(state);
      return state;
    },
    async close() {
      for (const state of opened) await state.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
