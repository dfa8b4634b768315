import { expect, it } from '@jest/globals';
import {
  count,
  groupByKey,
  int64,
  keyValueStore,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { timeline, values } from 'rxkstreams/testing';
import { spendPerMinute } from '../../../samples/3-testing/topology.ts';

const visits = topic('visits', string());
const counting = topology(() => {
  stream(visits).pipe(
    groupByKey(),
    count(keyValueStore('counts', int64())),
    toStream(),
    to(topic('totals', int64())),
  );
});

it('counts go on after a crash', () =>
  timeline(
    counting,
    `
      time     0s   1s   2s   3s
      visits   a1   b1   -    a1
      app      C    -    X    R
      totals   a1   b1   -    (b1@1s a2)
    `,
    [values(visits, { 1: '/home' })],
  ));

it('five seconds late counts, more goes aside', () =>
  timeline(
    spendPerMinute,
    `
      time         0s  30s  59s  60s  64s     65s                       66s
      orders       a5  b1   a2   a7   a3@59s  b9                        a1@58s
      spend        -   -    -    -    -       (a[0s]10@59s b[0s]1@30s)  -
      orders-late  -   -    -    -    -       -                         a1@58s
    `,
  ));

it('a failure shows what was expected and what came, one under the other', async () => {
  const wrong = timeline(
    counting,
    `
      time     0s      10s
      visits   (a1 b1) a1
      totals   (a1 b2) a2@9s
    `,
    [values(visits, { 1: '/home' })],
  );
  await expect(wrong).rejects.toThrow(
    [
      'The topology did not do what was drawn.',
      'expected',
      '  time    0s       10s',
      '  visits  (a1 b1)  a1',
      '  totals  (a1 b2)  a2@9s',
      'actual',
      '  time    0s       10s',
      '  visits  (a1 b1)  a1',
      '> totals  (a1 b1)  a2',
    ].join('\n'),
  );
});

it('a digit that stands for nothing is told, with the way to say what it means', async () => {
  const drawn = timeline(
    counting,
    `
      time     0s
      visits   a1
      totals   a1
    `,
  );
  await expect(drawn).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/lane 'visits' draws the value 1.*values\(visits, \{ 1: /),
  });
});
