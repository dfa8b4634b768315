import { describe, it } from '@jest/globals';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { clientSuite } from '../../../lib/testing/clientSuite.ts';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const run = Date.now().toString(36);
const client = kafkajs({ brokers });
let names = 0;

describe('the kafkajs client', () => {
  const cases = clientSuite(() => ({
    client,
    unique: (name) => `${name}-${run}-${names++}`,
    sessionMs: 6_000,
  }));
  for (const one of cases) it(`${one.area}: ${one.name}`, () => one.run(), one.timeoutMs);
});
