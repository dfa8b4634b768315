import { describe, expect, it } from '@jest/globals';
import { formatDuration, parseDuration } from '../../../lib/testing/timeline/duration.ts';
import { parseDiagram } from '../../../lib/testing/timeline/parseDiagram.ts';

describe('parseDiagram', () => {
  it('reads cells under a ruler', () => {
    const diagram = parseDiagram(`
      time         0s  59s     1m                          90s   // the ruler
      orders       a5  a3@58s  -                           _7
      clicks[1]    -   -       (a[0s]10@59s b[0s,10m]~)    -
      app          -   C       X                           R
    `);
    expect(diagram.times).toEqual([0, 59_000, 60_000, 90_000]);
    expect(diagram.app).toEqual([[], ['C'], ['X'], ['R']]);
    const [orders, clicks] = diagram.lanes;
    expect(orders).toEqual({
      label: 'orders',
      topic: 'orders',
      partition: null,
      cells: [
        [{ key: 'a', window: null, value: 5, timestamp: null }],
        [{ key: 'a', window: null, value: 3, timestamp: 58_000 }],
        [],
        [{ key: null, window: null, value: 7, timestamp: null }],
      ],
    });
    expect(clicks).toMatchObject({ topic: 'clicks', partition: 1 });
    expect(clicks?.cells[2]).toEqual([
      { key: 'a', window: { start: 0, end: null }, value: 10, timestamp: 59_000 },
      { key: 'b', window: { start: 0, end: 600_000 }, value: null, timestamp: null },
    ]);
  });

  const refused = (diagram: string) => () => parseDiagram(diagram);

  it('says which line it cannot read, and what to write', () => {
    expect(refused('orders a1')).toThrow('Line 1 of the diagram: the first line must be the ruler');
    expect(refused('time 0s 1s\n orders a1')).toThrow(
      "Line 2 of the diagram: lane 'orders' has 1 cells under a ruler of 2: draw '-' for nothing",
    );
    expect(refused('time 1s 1s')).toThrow('must grow');
    expect(refused('time 0s\n orders 5a')).toThrow("'5a' in lane 'orders' is no record");
    expect(refused('time 0s\n orders a5@later')).toThrow("'later' in 'a5@later' is no time");
    expect(refused('time 0s\n app Q')).toThrow("'Q' in lane 'app': C commits");
    expect(refused('time 0s\n app R')).toThrow("'R' in lane 'app': R restarts what X has crashed");
    expect(refused('time 0s 1s\n app X C')).toThrow("'C' in lane 'app': after X only R may follow");
  });
});

describe('durations', () => {
  it('are read back as they were written', () => {
    for (const ms of [0, 1, 250, 1_000, 59_000, 61_000, 600_000, 3_600_000, 86_400_000, -5]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });

  it('may be composed', () => {
    expect(parseDuration('1m30s')).toBe(90_000);
    expect(parseDuration('1.5s')).toBe(1_500);
    expect(parseDuration('20')).toBe(20);
    expect(parseDuration('soon')).toBeNull();
  });
});
