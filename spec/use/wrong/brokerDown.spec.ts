import { describe, expect, it } from '@jest/globals';
import {
  count,
  groupByKey,
  int64,
  KafkaStreams,
  kafkajs,
  keyValueStore,
  memoryKafka,
  type StreamsError,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const visits = topic('visits', string());
const totals = topic('totals', int64());
const counts = keyValueStore('counts', int64());
const counting = topology(() => {
  stream(visits).pipe(groupByKey(), count(counts), toStream(), to(totals));
});
const unreachable = {
  code: 'BROKER_UNREACHABLE',
  message: expect.stringMatching(/\S/),
};

describe('a broker that is down at the start', () => {
  it('is told by start(), and the app ends in error', async () => {
    const client = memoryKafka({ topics: { visits: 1, totals: 1 } });
    client.unreachable = true;
    const app = new KafkaStreams(counting, { applicationId: 'visits', client });
    await expect(app.start()).rejects.toMatchObject(unreachable);
    expect(app.state).toBe('error');
    await app.close();

    client.unreachable = false;
    const again = new KafkaStreams(counting, { applicationId: 'visits', client });
    await again.start();
    expect(again.state).toBe('running');
    await again.close();
  });

  it('does not keep start() waiting for ever when nobody listens at the address', async () => {
    const client = kafkajs({ brokers: ['localhost:1'] });
    const app = new KafkaStreams(counting, { applicationId: 'visits', client });
    await expect(app.start()).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining('localhost:1'),
    });
    expect(app.state).toBe('error');
    await app.close();
  });
});

describe('a broker that goes down later', () => {
  it.each(['at-least-once', 'exact-state', 'exactly-once'] as const)(
    'is waited for: nothing is lost, and work goes on (%s)',
    async (guarantee) => {
      const test = await topologyTest(counting, { guarantee, partitions: 2 });
      const { kafka, app } = test.run;
      const errors: StreamsError[] = [];
      app?.errors$.subscribe((error) => errors.push(error));
      const visit = (key: string) => test.write(visits, { key, value: '/', timestamp: 0 });
      await visit('ann');
      await test.advance(1000);

      await visit('ann');
      kafka.unreachable = true;
      await visit('bob');
      await visit('ann');
      await test.advance(20_000);
      expect(app?.state).not.toBe('error');
      kafka.unreachable = false;
      await test.advance(20_000);
      await visit('ann');
      await test.advance(1000);

      expect(app?.state).toBe('running');
      expect(errors.map(({ code }) => code)).toContain('BROKER_UNREACHABLE');
      const rows = (await test.rows(counts)).map(({ key, value }) => [key, value] as const);
      const { ann: anns = 0, bob: bobs = 0 } = Object.fromEntries(rows);
      // At least once: the commit whose changelog was written, but whose offsets were not, again.
      const again = guarantee === 'at-least-once' ? 1 : 0;
      expect([anns - 4, bobs - 1].every((more) => more >= 0 && more <= again)).toBe(true);
      const ann = test.read(totals).filter(({ key }) => key === 'ann');
      const seen = ann.map(({ value }) => value);
      expect(seen).toEqual(expect.arrayContaining([1, 2, 3, 4]));
      expect(seen.at(-1)).toBe(anns);
      if (guarantee === 'exactly-once') expect(seen).toEqual([1, 2, 3, 4]);
      await test.close();
    },
  );
});
