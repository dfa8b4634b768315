import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hours } from '../../samples/2-flights/topology.ts';
import { type Broker, startBroker } from './Broker.ts';
import { until, Workbench } from './Workbench.ts';

// A broker of its own, as the sample's topics have fixed names.
let broker: Broker;
let bench: Workbench;
let expected: readonly string[] = [];

beforeAll(async () => {
  broker = await startBroker({});
  bench = new Workbench(broker.address);
  expected = await flights();
});

afterAll(async () => {
  await bench?.close();
  await broker?.stop();
});

/** Runs the sample; answers the lines it prints, sorted. */
function flights(...options: readonly string[]): Promise<readonly string[]> {
  const start = path.resolve(__dirname, '../../tools/start.mjs');
  const child = spawn(process.execPath, [start, '2-flights', '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(said.trim().split('\n').sort());
      else reject(new Error(`flights ended with ${code}`));
    });
  });
}

async function expectEachRowOnce(): Promise<void> {
  const rows = (await bench.read(hours)).map(({ key }) => `${key.key} ${key.start}`);
  expect(rows).toHaveLength(14_701);
  expect(new Set(rows).size).toBe(14_701);
}

async function forgetAll(): Promise<void> {
  const { admin } = await bench.connection();
  await until('the group is empty', async () => (await bench.members('flights')) === 0);
  await admin.deleteGroups(['flights']);
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  await admin.deleteTopics(topics);
  await until('the topics are gone', async () => {
    const left = await admin.listTopics();
    return !topics.some((topic) => left.includes(topic));
  });
}

it('flights gives the rows of the memory cluster', async () => {
  expect(expected).toHaveLength(14_701);
  expect(await flights('--brokers', broker.address)).toEqual(expected);
  await expectEachRowOnce();
});

it('flights started twice gives them in both, and writes each once', async () => {
  await forgetAll();
  const both = await Promise.all([
    flights('--brokers', broker.address),
    flights('--brokers', broker.address),
  ]);
  expect(both).toEqual([expected, expected]);
  await expectEachRowOnce();
});
