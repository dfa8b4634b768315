import { describe, expect, it } from '@jest/globals';
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

// Whole topologies as pictures: cells under a ruler of arrival times, letters for keys.

describe("the README's first example", () => {
  const pages = topic('visits', string());
  const counting = topology(() => {
    stream(pages).pipe(
      groupByKey(),
      count(keyValueStore('visits-per-user', int64())),
      toStream(),
      to(topic('totals', int64())),
    );
  });
  const home = [values(pages, { 1: '/home' })];

  it('counts on after a crash', () =>
    timeline(
      counting,
      `
      time     0s   1s   2s   3s
      visits   a1   b1   -    a1
      app      C    -    X    R      // commit, crash, restart
      totals   a1   b1   -    (b1@1s a2)
      `,
      home,
    ));

  it('a wrong drawing is shown, what came under what was expected', async () => {
    const wrong = timeline(
      counting,
      `
      time     0s   1s        59s
      visits   a1   (a1 b1)   a1
      totals   a1   (a2 b2)   a3@1s
      `,
      home,
    );
    await expect(wrong).rejects.toThrow(
      [
        'The topology did not do what was drawn.',
        'expected',
        '  time    0s  1s       59s',
        '  visits  a1  (a1 b1)  a1',
        '  totals  a1  (a2 b2)  a3@1s',
        'actual',
        '  time    0s  1s       59s',
        '  visits  a1  (a1 b1)  a1',
        '> totals  a1  (a2 b1)  a3',
      ].join('\n'),
    );
  });

  it('a drawing that cannot be read says which line, and why', async () => {
    const ragged = timeline(
      counting,
      `
      time     0s   1s
      visits   a1   -   b1
      `,
      home,
    );
    await expect(ragged).rejects.toThrow(
      /Line 3 of the diagram: lane 'visits' has 3 cells.*draw '-' for nothing/,
    );
    const unknown = timeline(counting, 'time 0s\nvisitors a1');
    await expect(unknown).rejects.toThrow(
      /'visitors' is no topic of this topology; there are: visits, totals/,
    );
  });
});
