import { describe, expect, it } from '@jest/globals';
import { kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { type Clock, systemClock } from '../../../lib/model/clock.ts';

const brokers = (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',');
const run = Date.now().toString(36);

/** Sockets that would keep the process alive, and timers of kafkajs and the test runner. */
function held(name: 'TCPSocketWrap' | 'Timeout'): number {
  return process.getActiveResourcesInfo().filter((one) => one === name).length;
}

/** Real time that knows how many timers are set. */
function countingClock(): Clock & { readonly pending: () => number } {
  let pending = 0;
  return {
    ...systemClock,
    pending: () => pending,
    after(delayMs, work) {
      pending++;
      let isSet = true;
      const done = (): void => {
        if (isSet) pending--;
        isSet = false;
      };
      const cancel = systemClock.after(delayMs, () => {
        done();
        work();
      });
      return () => {
        done();
        cancel();
      };
    },
  };
}

describe('a connection to a broker', () => {
  it('leaves no socket and no timer, whatever is under way when it is closed', async () => {
    const before = [held('TCPSocketWrap'), held('Timeout')] as const;
    const clock = countingClock();
    const connection = await kafkajs({ brokers }).connect({ clock });
    const topic = `connection-${run}`;
    await connection.admin.createTopics([{ topic, partitions: 1 }]);
    const reader = connection.reader({ isolation: 'read-committed' });
    reader.assign([{ topic, partition: 0, offset: 0 }]);
    const producer = connection.producer({ lingerMs: 60_000 });
    const polling = reader.poll(60_000);
    const record = { key: null, value: null, timestamp: 1 };
    const sending = producer.send([{ topic, partition: 0, records: [record] }]).catch((e) => e);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(held('TCPSocketWrap')).toBeGreaterThan(before[0]);
    const began = Date.now();
    await connection.close();
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(await polling).toEqual([]);
    expect(await sending).toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(clock.pending()).toBe(0);
    expect(held('TCPSocketWrap')).toBe(before[0]);
    expect(held('Timeout')).toBeLessThanOrEqual(before[1]);
  });

  it('closes for itself alone: another one goes on', async () => {
    const client = kafkajs({ brokers });
    const [one, other] = await Promise.all([client.connect(), client.connect()]);
    await one.close();
    await expect(one.admin.listTopics()).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    expect(await other.admin.listTopics()).toContain(`connection-${run}`);
    await other.close();
  });
});
