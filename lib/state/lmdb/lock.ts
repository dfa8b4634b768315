import fs from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../model/clock.ts';
import { heldError } from '../heldError.ts';

interface Holder {
  readonly pid: number;
  readonly startedAtMs: number;
}

/** Clocks drift apart by less; a process does not start twice under one number in less. */
const sameStartMs = 500;

/**
 * Takes a folder for this process, or rejects; the answer gives it back. Who died holding it is
 * known by its process number and, as containers give all their processes the same, by when it
 * started.
 */
export async function lockFolder(folder: string, task: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'holder.json');
  const startedAtMs = Math.round(systemClock.now() - process.uptime() * 1000);
  const me = JSON.stringify({ pid: process.pid, startedAtMs } satisfies Holder);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await fs.writeFile(file, me, { flag: 'wx' });
      return () => fs.rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await read(file);
    if (holder !== null && lives(holder, startedAtMs)) break;
    await fs.rm(file, { force: true });
  }
  throw heldError(task);
}

async function read(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await fs.readFile(file, 'utf8')) as Holder;
  } catch {
    // Gone meanwhile, or torn by a crash: nobody's.
    return null;
  }
}

function lives(holder: Holder, startedAtMs: number): boolean {
  if (holder.pid === process.pid) return Math.abs(holder.startedAtMs - startedAtMs) < sameStartMs;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
