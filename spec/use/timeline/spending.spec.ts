import { describe, it } from '@jest/globals';
import {
  aggregate,
  groupByKey,
  number,
  stream,
  string,
  suppress,
  to,
  topic,
  topology,
  toStream,
  tumblingWindows,
  untilWindowCloses,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { timeline } from 'rxkstreams/testing';

describe('spending in a minute', () => {
  const amounts = topic('orders', number());
  const spendPerMinute = topology(() => {
    stream(amounts).pipe(
      groupByKey(),
      windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 5_000 }), {
        late: to(topic('orders-late', number())),
      }),
      aggregate(
        windowStore('spend-per-minute', number()),
        () => 0,
        (_key, amount, sum) => sum + amount,
      ),
      suppress(untilWindowCloses()),
      toStream(),
      to(topic('spend', windowed(string()), number())),
    );
  });

  it.each(['at-least-once', 'exact-state', 'exactly-once'] as const)(
    'five seconds late counts, more goes aside (%s)',
    (guarantee) =>
      timeline(
        spendPerMinute,
        `
        time         0s  30s  59s  60s  64s     65s                         66s
        orders       a5  b1   a2   a7   a3@59s  b9                          a1@58s
        spend        -   -    -    -    -       (a[0s]10@59s b[0s]1@30s)    -
        orders-late  -   -    -    -    -       -                           a1@58s
        `,
        [],
        { guarantee },
      ),
  );

  it('decides the same about late records after a crash', () =>
    timeline(
      spendPerMinute,
      `
      time         0s  59s  60s  64s     65s          66s     67s
      orders       a5  a2   a7   a3@59s  b9           -       a1@58s
      app          C   -    C    (X R)   C            (X R)   -
      spend        -   -    -    -       a[0s]10@59s  -       -
      orders-late  -   -    -    -       -            -       a1@58s
      `,
    ));
});
