import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../../lib/client/memory/Link.ts';
import { memoryKafka } from '../../../lib/client/memory/MemoryKafka.ts';
import { VirtualClock } from '../../../lib/testing/VirtualClock.ts';
import { batch, bytes, fate, groupOptions, record, setUp } from './cluster.ts';

describe('a cut line', () => {
  it('fails what cannot be tried again, and holds what a producer sends', async () => {
    const { clock, kafka, connection, values } = await setUp();
    const producer = connection.producer();
    kafka.unreachable = true;
    expect(await fate(clock, connection.admin.listTopics())).toBe('BROKER_UNREACHABLE');
    expect(await fate(clock, kafka.connect())).toBe('BROKER_UNREACHABLE');
    const first = producer.send([batch('a')]);
    const second = producer.send([batch('b')]);
    expect(await fate(clock, first)).toBe('pending');
    kafka.unreachable = false;
    await clock.advance(1000);
    await first;
    const third = producer.send([batch('c')]);
    await clock.settle();
    expect([await second, await third]).toEqual([[1], [2]]);
    expect(values()).toEqual(['a', 'b', 'c']);
  });

  it('ends a send when its delivery time is over', async () => {
    const { clock, kafka, connection } = await setUp();
    kafka.unreachable = true;
    const sending = connection.producer({ deliveryTimeoutMs: 5000 }).send([batch('a')]);
    await clock.advance(4000);
    expect(await fate(clock, sending)).toBe('pending');
    await clock.advance(1001);
    expect(await fate(clock, sending)).toBe('BROKER_UNREACHABLE');
  });
});

describe('intercept', () => {
  it('a send whose answer is lost, or that is late, is written once and in order', async () => {
    const { clock, kafka, connection, values } = await setUp();
    const verdicts: Verdict[] = ['lose-response', 'fail', { delayMs: 50 }, 'pass'];
    const seen: string[] = [];
    kafka.intercept = ({ clientId, api, target }) => {
      seen.push(`${clientId} ${api} ${target}`);
      return verdicts.shift() ?? 'pass';
    };
    const producer = connection.producer();
    const sends = ['a', 'b', 'c'].map((value) => producer.send([batch(value)]));
    await clock.advance(1000);
    expect(await Promise.all(sends)).toEqual([[0], [1], [2]]);
    expect(values()).toEqual(['a', 'b', 'c']);
    expect(seen[0]).toBe('one produce t');
  });

  it('a read whose answer is lost has not moved the reader', async () => {
    const { kafka, connection } = await setUp();
    kafka.append('t', 0, record('a'));
    const reader = connection.reader({ isolation: 'read-uncommitted' });
    reader.assign([{ topic: 't', partition: 0, offset: 0 }]);
    kafka.intercept = () => 'lose-response';
    await expect(reader.poll(0)).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      retriable: true,
    });
    kafka.intercept = null;
    expect((await reader.poll(0))[0]?.records).toHaveLength(1);
  });

  it('a commit whose answer is lost is done once, tried again, and ends well', async () => {
    const { clock, kafka, connection } = await setUp();
    const producer = connection.producer({ transactionalId: 'x' });
    await producer.init();
    producer.begin();
    await producer.send([batch('a')]);
    const verdicts: Verdict[] = ['lose-response'];
    kafka.intercept = () => verdicts.shift() ?? 'pass';
    const committing = producer.commit();
    await clock.advance(200);
    await committing;
    expect(kafka.records('t', 0, 'read-committed')).toHaveLength(1);
    producer.begin();
    await clock.settle();
  });
});

describe('kill', () => {
  it('nothing is answered any more; the group misses the member after its session', async () => {
    const { clock, kafka, connection } = await setUp();
    let assigned = 0;
    const count = {
      onAssigned: async ({ added }: { added: readonly unknown[] }) => {
        assigned += added.length;
      },
    };
    const victim = connection.group(groupOptions({ ...count, sessionMs: 6000 }));
    const polling = victim.poll(1000);
    await clock.advance(1000);
    await polling;
    expect(assigned).toBe(1);
    kafka.kill('one');
    const commit = victim.commit([{ topic: 't', partition: 0, offset: 1 }]);
    const other = (await kafka.connect({ clientId: 'two' })).group(groupOptions(count));
    const waiting = other.poll(20_000);
    await clock.advance(4900);
    expect(assigned).toBe(1);
    await clock.advance(20_000);
    expect(assigned).toBe(2);
    expect(await fate(clock, commit)).toBe('pending');
    expect(await fate(clock, victim.poll(0))).toBe('pending');
    await waiting;
    await other.close();
    expect(clock.timers).toBe(0);
  });

  it('leaves its transaction open until that times out', async () => {
    const { clock, kafka, connection } = await setUp();
    const producer = connection.producer({ transactionalId: 'x', transactionTimeoutMs: 10_000 });
    await producer.init();
    producer.begin();
    await producer.send([batch('a')]);
    connection.kill();
    kafka.append('t', 0, record('b'));
    await clock.advance(9999);
    expect(kafka.records('t', 0, 'read-committed')).toHaveLength(0);
    await clock.advance(1);
    expect(kafka.records('t', 0, 'read-committed').map(({ offset }) => offset)).toEqual([1]);
  });
});

describe('a transaction that takes too long', () => {
  it('is aborted, and its producer fenced', async () => {
    const { clock, connection } = await setUp();
    const producer = connection.producer({ transactionalId: 'x', transactionTimeoutMs: 100 });
    await producer.init();
    producer.begin();
    await producer.send([batch('a')]);
    await clock.advance(101);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'FENCED' });
    await expect(producer.init()).rejects.toMatchObject({ code: 'FENCED' });
  });
});

describe('a group under faults', () => {
  it('joins in the end, however many calls fail or lose their answers', async () => {
    const { clock, kafka, connection } = await setUp();
    const faults: Verdict[] = ['fail', 'lose-response', 'pass', 'lose-response', 'fail', 'pass'];
    kafka.intercept = ({ api }) => (api === 'fetch' ? 'pass' : (faults.shift() ?? 'pass'));
    let assigned = 0;
    const onAssigned = async ({ added }: { added: readonly unknown[] }) => {
      assigned += added.length;
    };
    const member = connection.group(groupOptions({ onAssigned }));
    const polling = member.poll(10_000);
    await clock.advance(10_000);
    await polling;
    expect(assigned).toBe(1);
    expect((await (await kafka.connect()).admin.describeGroups(['g']))[0]?.members).toHaveLength(1);
  });

  it('does not take a member for an outsider once all is lost', async () => {
    const { clock, kafka, connection } = await setUp();
    const member = connection.group(groupOptions({ sessionMs: 1000 }));
    const polling = member.poll(100);
    await clock.advance(100);
    await polling;
    kafka.unreachable = true;
    await clock.advance(2000);
    kafka.unreachable = false;
    const offsets = [{ topic: 't', partition: 0, offset: 1 }];
    await expect(member.commit(offsets)).rejects.toMatchObject({ code: 'GROUP_GENERATION_LOST' });
    const producer = (await kafka.connect()).producer({ transactionalId: 'x' });
    await producer.init();
    producer.begin();
    const sending = producer.sendOffsets(offsets, member.groupMetadata());
    await expect(sending).rejects.toMatchObject({ code: 'GROUP_GENERATION_LOST', abortable: true });
  });

  it('the leader notices new partitions', async () => {
    const { clock, connection } = await setUp();
    const added: number[] = [];
    const member = connection.group(
      groupOptions({
        onAssigned: async (a) => {
          added.push(...a.added.map(({ partition }) => partition));
        },
      }),
    );
    const polling = member.poll(1000);
    await clock.advance(1000);
    await polling;
    await connection.admin.createPartitions('t', 3);
    const again = member.poll(10_000);
    await clock.advance(10_000);
    await again;
    expect(added).toEqual([0, 1, 2]);
  });
});

describe('hooks', () => {
  it('append chooses the partition by key, or in turn', async () => {
    const kafka = memoryKafka({ topics: { t: 4 } });
    const keyless = { key: null, value: bytes('v'), timestamp: 0 };
    for (let i = 0; i < 4; i++) kafka.append('t', undefined, keyless);
    expect([0, 1, 2, 3].map((p) => kafka.records('t', p).length)).toEqual([1, 1, 1, 1]);
    kafka.append('t', undefined, record('foobar'));
    expect(kafka.records('t', (-790332482 & 0x7fffffff) % 4)).toHaveLength(2);
  });

  it('onAppend hears of every record with its offset, until it is ended', async () => {
    const { kafka, connection } = await setUp();
    const heard: string[] = [];
    const end = kafka.onAppend(({ topic, partition, records }) => {
      heard.push(...records.map(({ offset }) => `${topic}[${partition}]@${offset}`));
    });
    await connection.producer().send([batch('a', 'b')]);
    kafka.append('t', 0, record('c'));
    end();
    kafka.append('t', 0, record('d'));
    expect(heard).toEqual(['t[0]@0', 't[0]@1', 't[0]@2']);
  });

  it('makes topics when told to, and only then', async () => {
    const strict = (await memoryKafka().connect()).producer();
    await expect(strict.send([batch('a')])).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    const kafka = memoryKafka({ autoCreateTopics: true, defaultPartitions: 2 });
    await (await kafka.connect()).producer().send([batch('a')]);
    expect([kafka.topics(), kafka.partitions('t')]).toEqual([['t'], 2]);
  });

  it('makes no topic of a name that none can have', async () => {
    const kafka = memoryKafka({ autoCreateTopics: true });
    const connection = await kafka.connect();
    const illegal = { ...batch('a'), topic: 'no good' };
    const sending = connection.producer().send([illegal]);
    await expect(sending).rejects.toMatchObject({ code: 'KAFKA', kafkaCode: 17 });
    const reader = connection.reader({ isolation: 'read-committed' });
    reader.assign([{ topic: 'no good', partition: 0, offset: 0 }]);
    await expect(reader.poll(0)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(kafka.topics()).toEqual([]);
  });

  it('refuses what no topic can have where it is configured', () => {
    const wrong = [
      () => memoryKafka({ topics: { 'no good': 1 } }),
      () => memoryKafka({ topics: { t: 0 } }),
      () => memoryKafka({ topics: { t: 1.5 } }),
      () => memoryKafka({ topicConfig: { 'retention.hours': '1' } }),
    ];
    const codes = wrong.map((make) => {
      try {
        return make();
      } catch (error) {
        return (error as { kafkaCode: number }).kafkaCode;
      }
    });
    expect(codes).toEqual([17, 37, 37, 40]);
  });

  it('takes any event time unless told otherwise: virtual time may begin at 0', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const hour = { 'message.timestamp.after.max.ms': '3600000' };
    const kafka = memoryKafka({ clock, topics: { t: 1, u: { partitions: 1, config: hour } } });
    kafka.append('t', 0, record('a', 1_700_000_000_000));
    expect(() => kafka.append('u', 0, record('a', 3_600_001))).toThrow('after.max.ms');
    kafka.append('u', 0, record('b', 3_600_000));
    await clock.advance(1);
    kafka.append('u', 0, record('a', 3_600_001));
    const { admin } = await kafka.connect();
    expect(await admin.describeConfigs('t')).toMatchObject({
      'message.timestamp.after.max.ms': '9223372036854775807',
      'message.timestamp.before.max.ms': '9223372036854775807',
    });
  });

  it('maintain runs retention on the clock of the cluster', async () => {
    const clock = new VirtualClock({ startMs: 0 });
    const config = { 'retention.ms': '1000' };
    const kafka = memoryKafka({ clock, topics: { t: { partitions: 1, config } } });
    kafka.append('t', 0, record('a', 0));
    await clock.advance(1001);
    kafka.maintain();
    expect(kafka.records('t', 0)).toEqual([]);
    expect(kafka.append('t', 0, record('b', 1001))).toBe(1);
  });
});

describe('a caller that never waits', () => {
  it('does not starve timers', async () => {
    const kafka = memoryKafka({ topics: { t: 1 } });
    const reader = (await kafka.connect()).reader({ isolation: 'read-uncommitted' });
    reader.assign([{ topic: 't', partition: 0, offset: 0 }]);
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    }, 5);
    while (!isOver) await reader.poll(0);
    expect(isOver).toBe(true);
  });
});
