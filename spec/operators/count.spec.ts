import { describe, expect, it } from '@jest/globals';
import { pipe } from 'rxjs';
import { hoppingWindows } from '../../lib/model/windows/hoppingWindows.ts';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { slidingWindows } from '../../lib/model/windows/slidingWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { unlimitedWindows } from '../../lib/model/windows/unlimitedWindows.ts';
import { count } from '../../lib/operators/count.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, sessionStore, windowStore } from '../../lib/serde/handles.ts';
import { number } from '../../lib/serde/number.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator } from './marbles.ts';

const counts = keyValueStore('counts', number());
const perWindow = windowStore('per-window', number());
const perSession = sessionStore('per-session', number());
const counted = () => pipe(groupByKey<string, number>(), count(counts));

describe('count', () => {
  itIsAnOperator(counted, record('a', 1));
  itServesTwo(counted, 'a1@0  a1@1  b1@2');

  // biome-ignore format: a picture
  it('each key apart; the highest timestamp so far; null keys and values are not counted', () => {
    cells(counted(), 'a1@1  b1@9  a1@5  a1@3  _1@7  a~@8  a1@6', 
                     'a1@1  b1@9  a2@5  a3@5  -     -     a4@6');
  });

  // biome-ignore format: a picture
  it('the row before; of the first record the initial value, as in Kafka Streams', () => {
    cells(counted(), 'a1@1    a1@2    b1@3', 
                     'a0→1@1  a1→2@2  b0→1@3', { previous: true });
  });

  // biome-ignore format: a picture
  it('a key that was quiet for its time to live begins again', () => {
    const brief = keyValueStore('brief', number(), { ttlMs: 10 });
    cells(pipe(groupByKey<string, number>(), count(brief)), 
      'a1@0  a1@5  b1@14  b1@15      a1@16', 
      'a1@0  a2@5  b1@14  a~@5 b2@15  a1@16');
  });
});

describe('count by windows', () => {
  // biome-ignore format: a picture
  it('tumbling: the start belongs to the window, the end to the next; null values count', () => {
    const windows = tumblingWindows({ sizeMs: 10, graceMs: 5 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perWindow)), 
      'a1@0        a1@9        a~@10        a1@9        a1@15  a1@9  _1@99  a1@12', 
      'a[0,10]1@0  a[0,10]2@9  a[10,20]1@10  a[0,10]3@9  a[10,20]2@15  -  -  a[10,20]3@15');
  });

  // biome-ignore format: a picture
  it('hopping: each record in several windows, oldest first', () => {
    const windows = hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perWindow)), 
      'a1@7                    a1@12                      a1@9', 
      'a[0,10]1@7 a[5,15]1@7   a[5,15]2@12 a[10,20]1@12   a[5,15]3@12');
  });

  // biome-ignore format: a picture
  it('sliding: both bounds belong to the window', () => {
    const windows = slidingWindows({ timeDifferenceMs: 10, graceMs: 50 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perWindow)), 
      'a1@20         a1@30                       a1@30                       a~@31', 
      'a[10,20]1@20  a[21,31]1@30 a[20,30]2@30   a[21,31]2@30 a[20,30]3@30   -');
  });

  // biome-ignore format: a picture
  it('sliding: a time difference of 0 meets equal times alone', () => {
    const windows = slidingWindows({ timeDifferenceMs: 0, graceMs: 50 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perWindow)), 
      'a1@20         a1@20         a1@21', 
      'a[20,20]1@20  a[20,20]2@20  a[21,21]1@21');
  });

  // biome-ignore format: a picture
  it('sessions: a record between two makes them one', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 50 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perSession)), 
      'a1@0       a1@20        a1@10', 
      'a[0,0]1@0  a[20,20]1@20  a[0,0]~@0 a[20,20]~@20 a[0,20]3@20');
  });

  // biome-ignore format: a picture
  it('unlimited: what is before its start is in no window', () => {
    const windows = unlimitedWindows({ startMs: 10 });
    cells(pipe(groupByKey<string, number>(), windowedBy(windows), count(perWindow)), 
      'a1@9  a1@10         a1@99         a1@11', 
      '-     a[10,∞]1@10   a[10,∞]2@99   a[10,∞]3@99');
  });

  it('a store of another kind is refused', () => {
    const wrong = pipe(groupByKey<string, number>(), count(perWindow as never));
    expect(() => cells(wrong, 'a1@1', '-')).toThrow(/needs a key-value store/);
  });

  it('a retention that ends before the windows close is refused', () => {
    const brief = windowStore('brief', number(), { retentionMs: 14 });
    const windows = tumblingWindows({ sizeMs: 10, graceMs: 5 });
    const wrong = pipe(groupByKey<string, number>(), windowedBy(windows), count(brief));
    expect(() => cells(wrong, 'a1@1', '-')).toThrow(/need 15 or more/);
  });
});
