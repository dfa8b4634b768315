import { adminCases } from './clientSuite/adminCases.ts';
import { fencingCases } from './clientSuite/fencingCases.ts';
import { groupCases } from './clientSuite/groupCases.ts';
import { membershipCases } from './clientSuite/membershipCases.ts';
import { producerCases } from './clientSuite/producerCases.ts';
import { readerCases } from './clientSuite/readerCases.ts';
import { recordCases } from './clientSuite/recordCases.ts';
import {
  type CaseDefinition,
  type ClientSuiteContext,
  type SuiteArea,
  SuiteKit,
} from './clientSuite/SuiteKit.ts';
import { transactionCases } from './clientSuite/transactionCases.ts';

export type { ClientSuiteContext, SuiteArea } from './clientSuite/SuiteKit.ts';

/** One behaviour every client must have. */
export interface ClientSuiteCase {
  readonly area: SuiteArea;
  readonly name: string;
  /** More than it takes on a real broker. */
  readonly timeoutMs: number;
  /** Resolves when the client behaves; rejects with what it did instead. */
  run(): Promise<void>;
}

const areas: readonly (readonly [SuiteArea, readonly CaseDefinition[]])[] = [
  ['admin', adminCases],
  ['records', recordCases],
  ['reader', readerCases],
  ['producer', producerCases],
  ['group', [...groupCases, ...membershipCases]],
  ['transactions', [...transactionCases, ...fencingCases]],
];

/**
 * The conformance suite of the Kafka port: what implements `KafkaClient` passes every case, in
 * memory or on real brokers. It belongs to no test framework.
 *
 * @example
 * import { memoryKafka } from 'rxkstreams';
 * import { clientSuite } from 'rxkstreams/testing';
 *
 * const client = memoryKafka();
 * let n = 0;
 * const make = () => ({ client, unique: (name: string) => `${name}-${n++}`, sessionMs: 300 });
 * for (const c of clientSuite(make, ['admin'])) {
 *   it(`${c.area}: ${c.name}`, () => c.run());
 * }
 *
 * @param make Called once for each case; may be asynchronous.
 * @param supports The areas to try; default all.
 */
export function clientSuite(
  make: () => ClientSuiteContext | Promise<ClientSuiteContext>,
  supports?: readonly SuiteArea[],
): readonly ClientSuiteCase[] {
  return areas
    .filter(([area]) => supports === undefined || supports.includes(area))
    .flatMap(([area, cases]) => {
      return cases.map(({ name, timeoutMs = 60_000, run }) => {
        return { area, name, timeoutMs, run: () => runCase(make, run) };
      });
    });
}

async function runCase(
  make: () => ClientSuiteContext | Promise<ClientSuiteContext>,
  run: CaseDefinition['run'],
): Promise<void> {
  const kit = new SuiteKit(await make());
  try {
    await run(kit);
  } finally {
    await kit.close();
  }
}
