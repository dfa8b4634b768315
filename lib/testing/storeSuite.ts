import type { Random } from '../model/clock.ts';
import { json } from '../serde/json.ts';
import { string } from '../serde/string.ts';
import type { RowStoreOptions } from '../state/RowStore.ts';
import type { SuiteCase } from './storageSuite.ts';
import { runStoreOps, type StoreOp, type StoreUnderTest } from './storeModel.ts';

/**
 * Keys that are easy to get wrong: empty, with zero bytes, prefixes of each other, beyond the
 * basic plane.
 */
export const awkwardKeys: readonly string[] = [
  '',
  'a',
  'a\0',
  'a\0b',
  'ab',
  'b',
  'é',
  '\uffee',
  '\u{1f600}',
  '\u{1f600}x',
  'constructor',
];

/**
 * What every `ManagedStore` must do: random sequences of all its operations, compared with
 * plain maps. Each case calls `make` for an empty store with these options.
 */
export function storeSuite(
  make: (options: RowStoreOptions<string, number>) => Promise<StoreUnderTest>,
  o: { readonly sequences?: number } = {},
): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];
  for (const timeIndex of [false, true]) {
    for (const places of ['key-value', 'placed'] as const) {
      for (let seed = 1; seed <= (o.sequences ?? 10); seed++) {
        const kind = timeIndex ? `${places}, in order of time` : places;
        cases.push({
          name: `equals plain maps: ${kind}, seed ${seed}`,
          run: async () =>
            runStoreOps(
              await make({
                name: 'rows',
                key: string(),
                value: json<number>(),
                timeIndex,
                changelog: true,
              }),
              randomOps(seeded(seed), places === 'placed'),
            ),
        });
      }
    }
  }
  return cases;
}

const rare: readonly StoreOp['op'][] = [
  'begin turn',
  'begin turn',
  'roll back',
  'freeze',
  'publish',
  'freeze',
  'publish',
  'discard',
  'restart',
  'read in order',
  'read in order',
  'count',
];

function randomOps(random: Random, isPlaced: boolean): readonly StoreOp[] {
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: 300 }, (): StoreOp => {
    const key = awkwardKeys[below(awkwardKeys.length)] as string;
    const major = isPlaced ? below(9) - 2 : 0;
    const minor = isPlaced ? below(3) - 1 : 0;
    const dice = below(20);
    if (dice < 8) return { op: 'put', key, major, minor };
    if (dice < 11) return { op: 'delete', key, major, minor };
    if (dice < 12) return { op: 'expire', before: below(6) - 2 };
    if (dice < 13) return { op: 'cell', numbers: [below(3), below(3)] };
    if (dice < 15) return { op: 'read', key, from: below(4) - 2, to: below(8) - 2 };
    return { op: rare[below(rare.length)] } as StoreOp;
  });
}

/** Mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
