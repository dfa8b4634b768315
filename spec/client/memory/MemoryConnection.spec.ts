import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { batch, fate, groupOptions, setUp } from './cluster.ts';

describe('closing a connection', () => {
  it('does not wait for an unreachable cluster: what is under way is given up', async () => {
    const { clock, kafka, connection, values } = await setUp();
    const other = connection.producer({ transactionalId: 'x' });
    await other.init();
    other.begin();
    await other.send([batch('open')]);
    const producer = connection.producer();
    kafka.unreachable = true;
    const sends = [producer.send([batch('a')]), producer.send([batch('b')])];
    const fates = Promise.all(sends.map((send) => send.catch(({ code }) => code)));
    const closing = connection.close();
    await clock.advance(9_900);
    expect(await fate(clock, closing)).toBe('pending');
    await clock.advance(101);
    expect(await fate(clock, closing)).toBe('done');
    expect(await fates).toEqual(['CLIENT_CLOSED', 'CLIENT_CLOSED']);
    kafka.unreachable = false;
    await clock.advance(1_000);
    expect(values()).toEqual(['open']);
    await clock.advance(60_000);
    expect(clock.timers).toBe(0);
  });

  it('a producer alone leaves nothing behind that goes on trying', async () => {
    const { clock, kafka, connection, values } = await setUp();
    const producer = connection.producer();
    kafka.unreachable = true;
    const sending = producer.send([batch('a')]);
    const closing = producer.close();
    expect(producer.close()).toBe(closing);
    await clock.advance(10_000);
    expect(await fate(clock, closing)).toBe('done');
    expect(await fate(clock, sending)).toBe('CLIENT_CLOSED');
    expect(clock.timers).toBe(0);
    kafka.unreachable = false;
    await clock.advance(1_000);
    expect(values()).toEqual([]);
    expect(await fate(clock, producer.send([batch('b')]))).toBe('CLIENT_CLOSED');
  });

  it('waits for what comes through in time', async () => {
    const { clock, kafka, connection, values } = await setUp();
    kafka.unreachable = true;
    const sending = connection.producer().send([batch('a')]);
    const closing = connection.close();
    await clock.advance(5_000);
    kafka.unreachable = false;
    await clock.advance(200);
    expect([await fate(clock, closing), await fate(clock, sending)]).toEqual(['done', 'done']);
    expect(values()).toEqual(['a']);
    expect(clock.timers).toBe(0);
  });

  it('answers nothing that was under way when it was killed', async () => {
    const { clock, kafka, connection } = await setUp();
    kafka.unreachable = true;
    const sending = connection.producer().send([batch('a')]);
    await clock.advance(50);
    connection.kill();
    expect(await fate(clock, connection.close())).toBe('done');
    kafka.unreachable = false;
    await clock.advance(200_000);
    expect(await fate(clock, sending)).toBe('pending');
    expect([kafka.records('t', 0).length, clock.timers]).toEqual([0, 0]);
  });

  it('lets go of what was closed before', async () => {
    const { connection } = await setUp();
    const closed: WeakRef<object>[] = [];
    const made = [
      () => connection.reader({ isolation: 'read-committed' }),
      () => connection.producer(),
      () => connection.group(groupOptions()),
    ];
    for (const make of made) {
      for (let n = 0; n < 10; n++) {
        const one = make();
        await one.close();
        closed.push(new WeakRef(one));
      }
    }
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
    // What the engine itself still holds is at most the last of each.
    expect(closed.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(3);
    await connection.close();
  });
});
