import { describe, expect, it } from '@jest/globals';
import { delay, filter, map, share, take, tap } from 'rxjs';
import { deadLetter, skip } from '../../lib/model/ErrorPolicy.ts';
import type { KRecord } from '../../lib/model/record.ts';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { mapValues } from '../../lib/operators/mapValues.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { toStream } from '../../lib/operators/toStream.ts';
import { keyValueStore, topic } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { string } from '../../lib/serde/string.ts';
import { Bench, input, output } from './support/harness.ts';

const upper = (value: string): string => {
  if (value === '!') throw new Error('no exclamation');
  return value.toUpperCase();
};
const shouting = (): void => {
  stream(input).pipe(mapValues(upper), to(output));
};
type In = KRecord<string, string>;

describe('a user function that throws', () => {
  it('stops the app, by default, before the record', async () => {
    const bench = new Bench();
    bench.send('in', 'aa b! cc');
    const app = await bench.started(shouting);
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]).toMatchObject({ code: 'PROCESSING_FAILED' });
    expect(bench.errors[0]?.message).toContain('no exclamation');
    expect(bench.errors[0]?.place).toMatchObject({ task: '0_0', topic: 'in', offset: 1 });
    expect(bench.read('out')).toBe('aA');
  });

  it('is skipped on wish', async () => {
    const bench = new Bench();
    bench.send('in', 'aa b! cc');
    const app = await bench.started(shouting, { errors: { processing: skip } });
    await bench.settle();
    expect(bench.read('out')).toBe('aA cC');
    expect(app.metrics().recordsDropped).toEqual({ failed: 1 });
    await bench.run(app.close());
  });

  it('sends the record aside with its bytes and its story', async () => {
    const bench = new Bench({ in: 1, out: 1, dead: 1 });
    bench.send('in', 'aa b! cc');
    const app = await bench.started(shouting, { errors: { processing: deadLetter('dead') } });
    await bench.settle();
    expect(bench.read('out')).toBe('aA cC');
    expect(bench.read('dead')).toBe('b!');
    const headers = new Map(bench.kafka.records('dead', 0)[0]?.headers);
    const text = (name: string): string =>
      new TextDecoder().decode(headers.get(`__streams.errors.${name}`) ?? undefined);
    expect(text('code')).toBe('PROCESSING_FAILED');
    expect(text('topic')).toBe('in');
    expect(text('offset')).toBe('1');
    expect(text('task')).toBe('0_0');
    await bench.run(app.close());
  });

  it('undoes what the record had changed before', async () => {
    const bench = new Bench();
    const sums = keyValueStore('joined', string());
    bench.send('in', 'aa a! ac');
    const app = await bench.started(
      () => {
        stream(input).pipe(
          groupByKey(),
          aggregate(
            sums,
            () => '',
            (_key, value, sum) => sum + value,
          ),
          toStream(),
          mapValues((sum) => upper(sum.endsWith('!') ? '!' : sum)),
          to(output),
        );
      },
      { errors: { processing: skip } },
    );
    await bench.settle();
    expect(bench.read('out')).toBe('aA aAC');
    expect(await app.store(sums).get('a')).toBe('ac');
    await bench.run(app.close());
  });
});

describe('an undecodable record', () => {
  const numbers = topic('in', number());
  const copy = (): void => {
    stream(numbers).pipe(mapValues(String), to(output));
  };

  it('stops the app, by default', async () => {
    const bench = new Bench();
    bench.send('in', 'axx');
    const app = await bench.started(copy);
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]).toMatchObject({
      code: 'UNDECODABLE',
      place: { topic: 'in', partition: 0, offset: 0 },
    });
  });

  it('is skipped, or goes aside', async () => {
    for (const undecodable of [skip, deadLetter('dead')]) {
      const bench = new Bench({ in: 1, out: 1, dead: 1 });
      bench.send('in', 'axx');
      bench.kafka.append('in', 0, { key: null, value: number().encode(7), timestamp: 1 });
      const app = await bench.started(copy, { errors: { undecodable } });
      await bench.settle();
      expect(bench.read('out')).toBe('7');
      expect(bench.read('dead')).toBe(undecodable === skip ? '' : 'axx');
      expect(app.metrics().recordsDropped).toEqual({ undecodable: 1 });
      await bench.run(app.close());
    }
  });
});

describe('a record that cannot be written', () => {
  const keyed = (): void => {
    stream(input).pipe(
      map((r) => ({ ...r, key: r.value === '7' ? (7 as never) : r.key }) as In),
      to(output),
    );
  };

  it('stops the app with the remedy, by default', async () => {
    const bench = new Bench();
    bench.send('in', 'a1 a7');
    const app = await bench.started(keyed);
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]?.code).toBe('KEY_TYPE');
  });

  it('is skipped on wish', async () => {
    const bench = new Bench();
    bench.send('in', 'a1 a7 b2');
    await bench.started(keyed, { errors: { production: skip } });
    await bench.settle();
    expect(bench.read('out')).toBe('a1 b2');
  });

  it('is too large', async () => {
    const bench = new Bench();
    bench.send('in', `a1 a${'x'.repeat(200)} b2`);
    await bench.started(keyed, { errors: { production: skip }, maxRecordBytes: 250 });
    await bench.settle();
    expect(bench.read('out')).toBe('a1 b2');
    expect(bench.errors[0]).toMatchObject({ code: 'PRODUCTION_FAILED' });
  });
});

describe('an operator that is not ours', () => {
  const foreign = (): void => {
    const records = stream(input);
    records.pipe(
      map((r) => ({ ...r, value: upper(r.value) })),
      mapValues((value) => `${value}1`),
      to(output),
    );
    records.pipe(
      mapValues((value) => `${value}2`),
      to(output),
    );
  };

  it('is subscribed again, in its old place; nothing of its record is left', async () => {
    const bench = new Bench();
    bench.send('in', 'aa b! cc');
    await bench.started(foreign, { errors: { processing: skip } });
    await bench.settle();
    expect(bench.read('out')).toBe('aA1 aa2 cC1 cc2');
    expect(bench.errors).toMatchObject([{ code: 'FOREIGN_OPERATOR_FAILED' }]);
  });

  it('stops the app, by default', async () => {
    const bench = new Bench();
    bench.send('in', 'aa b! cc');
    const app = await bench.started(foreign);
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.read('out')).toBe('aA1 aa2');
  });

  it('may not complete the pipeline', async () => {
    const bench = new Bench();
    bench.send('in', 'aa b! cc');
    const app = await bench.started(() => {
      stream(input).pipe(take(1), to(output));
    });
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]).toMatchObject({ code: 'PIPELINE_COMPLETED' });
  });

  it('may not let records through later', async () => {
    const bench = new Bench();
    bench.send('in', 'aa');
    const app = await bench.started(() => {
      stream(input).pipe(delay(1), to(output));
    });
    await bench.settle();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await bench.settle();
    expect(app.state).toBe('error');
    expect(bench.errors[0]).toMatchObject({ code: 'OUT_OF_TURN' });
    expect(bench.errors[0]?.message).toContain('streamTime()');
  });

  it('may share, filter and tap', async () => {
    const bench = new Bench();
    const seen: string[] = [];
    bench.send('in', 'aa bb cc');
    await bench.started(() => {
      const shared = stream(input).pipe(
        tap((r) => seen.push(r.value)),
        share(),
      );
      shared.pipe(
        filter((r) => r.key !== 'b'),
        to(output),
      );
      shared.pipe(mapValues(upper), to(output));
    });
    await bench.settle();
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(bench.read('out')).toBe('aa aA bB cc cC');
  });
});

describe('a factory that differs the second time', () => {
  it('is noticed as the task is made', async () => {
    const bench = new Bench();
    let runs = 0;
    const app = bench.app(() => {
      runs += 1;
      if (runs > 5) stream(input).pipe(mapValues(upper), to(output));
      else stream(input).pipe(to(output));
    });
    runs = 10;
    await expect(bench.run(app.start())).rejects.toMatchObject({
      code: 'TOPOLOGY_NOT_DETERMINISTIC',
    });
    expect(app.state).toBe('error');
  });
});

describe('the start', () => {
  it('names the topic that does not exist', async () => {
    const bench = new Bench({ out: 1 });
    await expect(bench.run(bench.app(shouting).start())).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringContaining("'in'"),
    });
  });

  it('says that the broker is down', async () => {
    const bench = new Bench();
    bench.kafka.unreachable = true;
    await expect(bench.run(bench.app(shouting).start())).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
    });
  });

  it('refuses options that cannot work', () => {
    const bench = new Bench();
    expect(() => bench.app(shouting, { commitIntervalMs: 0 })).toThrow('commitIntervalMs');
    expect(() => bench.app(shouting, { applicationId: 'a b' })).toThrow('applicationId');
  });
});
