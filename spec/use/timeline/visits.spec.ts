import { describe, it } from '@jest/globals';
import {
  aggregate,
  groupByKey,
  json,
  sessionStore,
  sessionWindows,
  stream,
  string,
  suppress,
  to,
  topic,
  topology,
  toStream,
  untilWindowCloses,
  windowed,
  windowedBy,
} from 'rxkstreams';
import { timeline, values } from 'rxkstreams/testing';

describe('visits to a site', () => {
  interface Visit {
    readonly pages: string[];
  }
  const clicks = topic('clicks', string());
  const visits = topic('visits', windowed(string()), json<Visit>());
  const visiting = topology(() => {
    stream(clicks).pipe(
      groupByKey(),
      windowedBy(sessionWindows({ gapMs: 30 * 60_000, graceMs: 60_000 }), {
        late: to(topic('clicks-late', string())),
      }),
      aggregate(
        sessionStore('visits-by-user', json<Visit>()),
        () => ({ pages: [] }),
        (_user, page, visit) => ({ pages: [...visit.pages, page] }),
        (_user, a, b) => ({ pages: [...a.pages, ...b.pages] }),
      ),
      suppress(untilWindowCloses()),
      toStream(),
      to(visits),
    );
  });

  it('a visit closes by its own partition; what comes later goes aside; a crash keeps both', () =>
    timeline(
      visiting,
      `
      time          0s   10m   45m               46m      50m   60m   77m
      clicks[0]     a1   a2    a3                a4@11m   -     -     -
      clicks[1]     d1   -     -                 -        -     -     d2
      app           -    -     -                 C        X     R     -
      visits[0]     -    -     a[0s,10m]1@10m    -        -     -     -
      visits[1]     -    -     -                 -        -     -     d[0s,0s]2@0s
      clicks-late   -    -     -                 a4@11m   -     -     -
      `,
      [
        values(clicks, { 1: '/', 2: '/buy', 3: '/', 4: '/old' }),
        values(topic('clicks-late', string()), { 4: '/old' }),
        values(visits, { 1: { pages: ['/', '/buy'] }, 2: { pages: ['/'] } }),
      ],
    ));
});
