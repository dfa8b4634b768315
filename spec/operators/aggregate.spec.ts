import { describe, expect, it } from '@jest/globals';
import { pipe } from 'rxjs';
import { sessionWindows } from '../../lib/model/windows/sessionWindows.ts';
import { slidingWindows } from '../../lib/model/windows/slidingWindows.ts';
import { tumblingWindows } from '../../lib/model/windows/tumblingWindows.ts';
import { aggregate } from '../../lib/operators/aggregate.ts';
import { groupByKey } from '../../lib/operators/groupByKey.ts';
import { windowedBy } from '../../lib/operators/windowedBy.ts';
import { keyValueStore, sessionStore, windowStore } from '../../lib/serde/handles.ts';
import { json } from '../../lib/serde/json.ts';
import { record } from '../../lib/testing/record.ts';
import { cells, itServesTwo } from './cells.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

type Value = number | null;
const none = (): string => '';
const append = (_key: string, value: Value, text: string): string => text + String(value);
const bar = (_key: string, a: string, b: string): string => `${a}|${b}`;
const texts = keyValueStore('texts', json<string>());
const perWindow = windowStore('per-window', json<string>());
const perSession = sessionStore('per-session', json<string>());
const group = groupByKey<string, Value>;
const appended = () => pipe(group(), aggregate(texts, none, append));

describe('aggregate', () => {
  itIsAnOperator(appended, record('a', 1));
  itServesTwo(appended, 'a1@0  a1@1  b1@2');

  // biome-ignore format: a picture
  it('each key apart, in order of arrival; null keys and values are dropped', () => {
    cells(appended(), 'a1@1    b2@9    a3@5     a3@3      _1@7  a~@8', 
                      'a"1"@1  b"2"@9  a"13"@5  a"133"@5  -     -');
  });

  // biome-ignore format: a picture
  it('a null initial value reaches the aggregator; a null aggregate deletes', () => {
    const sums = keyValueStore('sums', json<Value>());
    const add = (_key: string, value: Value, sum: Value): Value =>
      Number(sum) + Number(value) || null;
    cells(pipe(group(), aggregate(sums, (): Value => null, add)), 
      'a3@1    a-3@2   a4@3    b0@4', 
      'a~→3@1  a3→~@2  a~→4@3  b~→~@4', { previous: true });
  });

  it('a throwing aggregator is an error', () => {
    const fails = (): string => {
      throw new Error('aggregate');
    };
    marbles(({ cold, expectObservable }) => {
      const source = cold('a', { a: record<string, Value>('a', 1) });
      const aggregated = source.pipe(group(), aggregate(texts, none, fails));
      expectObservable(aggregated).toBe('#', {}, new Error('aggregate'));
    });
  });
});

describe('aggregate by windows', () => {
  // biome-ignore format: a picture
  it('tumbling: out of order within the grace; null values are shown', () => {
    const windows = tumblingWindows({ sizeMs: 10, graceMs: 100 });
    cells(pipe(group(), windowedBy(windows), aggregate(perWindow, none, append)), 
      'a1@1          a2@12          a3@9           a~@3', 
      'a[0,10]"1"@1  a[10,20]"2"@12  a[0,10]"13"@9  a[0,10]"13null"@9');
  });

  // biome-ignore format: a picture
  it('sliding: before the first full window all share the one from 0', () => {
    const windows = slidingWindows({ timeDifferenceMs: 10, graceMs: 50 });
    cells(pipe(group(), windowedBy(windows), aggregate(perWindow, none, append)), 
      'a1@3          a2@5                         a3@4', 
      'a[0,10]"1"@3  a[4,14]"2"@5 a[0,10]"12"@5   a[4,14]"23"@5 a[5,15]"2"@5 a[0,10]"123"@5');
  });

  // biome-ignore format: a picture
  it('sessions: the merger sees the initial value first; the bounds may stay', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 100 });
    const merged = aggregate(perSession, none, append, bar);
    const session = () => pipe(group(), windowedBy(windows), merged);
    cells(session(), 
      'a1@0         a2@20           a3@10', 
      'a[0,0]"1"@0  a[20,20]"2"@20  a[0,0]~@0 a[20,20]~@20 a[0,20]"|1|23"@20');
    cells(session(), 
      'a1@0         a2@10                      a3@5', 
      'a[0,0]"1"@0  a[0,0]~@0 a[0,10]"|12"@10  a[0,10]~@10 a[0,10]"||123"@10');
  });

  // biome-ignore format: a picture
  it('sessions: exactly the gap apart is still one; one more is two', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 100 });
    cells(pipe(group(), windowedBy(windows), aggregate(perSession, none, append, bar)), 
      'a1@0         a2@10                       a3@21', 
      'a[0,0]"1"@0  a[0,0]~@0 a[0,10]"|12"@10   a[21,21]"3"@21');
  });

  // biome-ignore format: a picture
  it('sessions: late when what it would join has closed', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 0 });
    cells(pipe(group(), windowedBy(windows), aggregate(perSession, none, append, bar)), 
      'a1@10          a2@31          a3@20   a4@21', 
      'a[10,10]"1"@10  a[31,31]"2"@31  -       a[31,31]~@31 a[21,31]"|24"@31');
  });

  it('sessions without a merger are refused', () => {
    const windows = sessionWindows({ gapMs: 10, graceMs: 0 });
    const add = aggregate(perSession as never, none, append) as never;
    const wrong = pipe(group(), windowedBy(windows), add);
    expect(() => cells(wrong, 'a1@1', '-')).toThrow(/need a merger/);
  });
});
