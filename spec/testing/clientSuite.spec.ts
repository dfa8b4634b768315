import { describe, expect, it } from '@jest/globals';
import { memoryKafka } from '../../lib/client/memory/MemoryKafka.ts';
import { clientSuite } from '../../lib/testing/clientSuite.ts';

const client = memoryKafka();
let names = 0;
const make = () => ({ client, unique: (name: string) => `${name}-${names++}`, sessionMs: 300 });

describe('the memory cluster passes the client suite', () => {
  for (const { area, name, run, timeoutMs } of clientSuite(make)) {
    it(`${area}: ${name}`, run, timeoutMs);
  }
});

describe('clientSuite', () => {
  it('has only the areas asked for', () => {
    const areas = new Set(clientSuite(make, ['admin', 'reader']).map(({ area }) => area));
    expect([...areas]).toEqual(['admin', 'reader']);
  });

  it('fails a client that does not do as it should', async () => {
    const broken = memoryKafka();
    broken.unreachable = true;
    const [first] = clientSuite(() => ({ client: broken, unique: (name) => name }));
    await expect(first?.run()).rejects.toThrow('no broker answers');
  });
});
