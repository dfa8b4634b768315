import { describe, expect, it } from '@jest/globals';
import {
  KafkaStreams,
  memoryKafka,
  type StreamsError,
  stream,
  string,
  to,
  topic,
  topology,
} from 'rxkstreams';
import { VirtualClock } from '../../../lib/testing/VirtualClock.ts';

const input = topic('in', string());
const copying = topology(() => {
  stream(input).pipe(to(topic('out', string())));
});

describe('a topic that gets more partitions while an app reads it', () => {
  it('ends the app, which would not read them, and the next start reads all', async () => {
    const clock = new VirtualClock();
    const client = memoryKafka({ clock, topics: { in: 2, out: 1 } });
    const run = async () => {
      const errors: StreamsError[] = [];
      const app = new KafkaStreams(copying, { applicationId: 'copying', client, clock });
      app.errors$.subscribe((error) => errors.push(error));
      void app.start();
      await clock.advance(5_000);
      return { app, errors };
    };
    const before = await run();
    expect(before.app.state).toBe('running');
    const connection = await client.connect();
    await connection.admin.createPartitions('in', 3);
    await clock.advance(120_000);
    expect(before.app.state).toBe('error');
    expect(before.errors).toMatchObject([
      {
        code: 'TOPIC_CHANGED',
        message: expect.stringMatching(/in has 3 partitions, and had 2.*Restart all/),
        place: { topic: 'in' },
      },
    ]);

    const value = new TextEncoder().encode('late');
    client.append('in', 2, { key: null, value, timestamp: 0 });
    const after = await run();
    expect([after.app.state, after.errors]).toEqual(['running', []]);
    expect(client.records('out', 0)).toHaveLength(1);
    void after.app.close();
    void connection.close();
    await clock.advance(5_000);
  });
});
