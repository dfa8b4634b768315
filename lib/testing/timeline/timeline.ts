import { StreamsError } from '../../errors.ts';
import type { LogRecord } from '../../model/logRecord.ts';
import type { Windowed } from '../../model/Windowed.ts';
import type { Serde } from '../../serde/Serde.ts';
import type { AnySerde } from '../../topology/NodeSpec.ts';
import type { Topology } from '../../topology/Topology.ts';
import { TestApp } from '../TestApp.ts';
import { formatDuration } from './duration.ts';
import { formatRows } from './formatRows.ts';
import {
  type AppEvent,
  type Diagram,
  type DrawnLane,
  type DrawnRecord,
  parseDiagram,
} from './parseDiagram.ts';
import { sameValue } from './sameValue.ts';
import type { Values } from './values.ts';

export interface TimelineOptions {
  readonly guarantee?: 'at-least-once' | 'exact-state' | 'exactly-once';
  /**
   * `each record`: after each instant all is committed. `as drawn`: by the `C`s of the lane `app`
   * alone, and at the end. Default: as drawn when there is such a lane.
   */
  readonly commit?: 'each record' | 'as drawn';
}

/**
 * Runs a topology against a picture of what goes in and must come out.
 *
 * Cells under a ruler are counted, not measured; the ruler is arrival time. `a5`: key a, value 5.
 * `a~`: a deletion. `a1@59s`: event time where it is not the arrival. `a[0s]3`, `a[0s,10m]1`:
 * windowed keys. `(x y)`: the same instant. `clicks[1]`: one partition. `_5`: no key. The lane
 * `app`: `C` commit, `X` crash, `R` restart, after that instant's records. Lanes of the topology's
 * sources are fed; all others are what must come out, timestamps included.
 *
 * It is the real runtime on the memory cluster in virtual time. It rejects with the expected and
 * the actual diagram, one under the other.
 *
 * @example
 * import { count, groupByKey, int64, keyValueStore, stream, string } from 'rxkstreams';
 * import { to, topic, topology, toStream } from 'rxkstreams';
 * import { timeline, values } from 'rxkstreams/testing';
 *
 * const visits = topic('visits', string());
 * const counting = topology(() => {
 *   const counts = keyValueStore('counts', int64());
 *   stream(visits).pipe(groupByKey(), count(counts), toStream(), to(topic('totals', int64())));
 * });
 * await timeline(counting, `
 *   time     0s   1s   2s   3s
 *   visits   a1   b1   -    a1
 *   app      C    -    X    R      // commit, crash, restart
 *   totals   a1   b1   -    (b1@1s a2)
 * `, [values(visits, { 1: '/home' })]);
 */
export async function timeline(
  topology: Topology,
  diagram: string,
  values: readonly Values[] = [],
  o: TimelineOptions = {},
): Promise<void> {
  const drawn = parseDiagram(diagram);
  const commit = o.commit ?? (drawn.app === null ? 'each record' : 'as drawn');
  const partitions = Math.max(1, ...drawn.lanes.map((lane) => (lane.partition ?? 0) + 1));
  const test = await TestApp.start(topology, {
    partitions,
    autoCommit: false,
    sessionMs: 30 * 86_400_000,
    ...(o.guarantee === undefined ? {} : { guarantee: o.guarantee }),
  });
  const lanes = drawn.lanes.map((lane) => new Lane(topology, test, lane, values));
  if (lanes.every((lane) => lane.feeds)) {
    await test.close();
    throw new StreamsError(
      'INVALID_OPTION',
      'The diagram has no lane of a topic that is written, so it checks nothing: draw what must come out.',
    );
  }
  try {
    for (const [column, time] of drawn.times.entries()) {
      await test.advanceTo(time);
      for (const lane of lanes) lane.feed(column, time);
      await test.settle();
      await runAppLane(test, drawn.app?.[column] ?? []);
      if (commit === 'each record') await test.commit();
      if (column === drawn.times.length - 1) await test.commit();
      for (const lane of lanes) lane.collect();
    }
  } finally {
    await test.close();
  }
  if (lanes.some((lane) => !lane.matches(drawn.times))) {
    throw new StreamsError('PROCESSING_FAILED', difference(drawn, lanes));
  }
}

async function runAppLane(test: TestApp, events: readonly AppEvent[]): Promise<void> {
  for (const event of events) {
    if (event === 'C') await test.commit();
    else if (event === 'X') await test.crash();
    else await test.restart();
  }
}

/** A lane that was drawn: it feeds a source, or collects what came out, column by column. */
class Lane {
  readonly #test: TestApp;
  readonly #lane: DrawnLane;
  /** It is what goes in, not what must come out. */
  readonly feeds: boolean;
  readonly #key: Serde<unknown>;
  readonly #value: Serde<unknown>;
  readonly #byDigit: ReadonlyMap<number, unknown>;
  readonly #read: number[] = [];
  /** What came out, one list a column. */
  readonly actual: Out[][] = [];

  constructor(topology: Topology, test: TestApp, lane: DrawnLane, values: readonly Values[]) {
    this.#test = test;
    this.#lane = lane;
    const found = typesOf(topology, lane);
    this.feeds = found.feeds;
    this.#key = found.key as Serde<unknown>;
    this.#value = found.value as Serde<unknown>;
    this.#byDigit = digitsOf(lane.topic, found.value, values);
  }

  feed(column: number, time: number): void {
    if (!this.feeds) return;
    for (const record of this.#lane.cells[column] ?? []) {
      const key = drawnKey(record);
      this.#test.kafka.append(this.#lane.topic, this.#lane.partition ?? undefined, {
        key: key === null ? null : this.#key.encode(key),
        value: record.value === null ? null : this.#encode(record.value),
        timestamp: record.timestamp ?? time,
      });
    }
  }

  collect(): void {
    const { topic, partition } = this.#lane;
    const partitions =
      partition === null
        ? Array.from({ length: this.#test.kafka.partitions(topic) }, (_, n) => n)
        : [partition];
    const out: Out[] = [];
    for (const n of partitions) {
      const log = this.#test.records(topic, n);
      for (const record of log.slice(this.#read[n] ?? 0)) out.push(this.#decode(record));
      this.#read[n] = log.length;
    }
    this.actual.push(out);
  }

  matches(times: readonly number[]): boolean {
    if (this.feeds) return true;
    return this.#lane.cells.every((cell, column) => {
      const out = this.actual[column] ?? [];
      return (
        cell.length === out.length &&
        cell.every((drawn, i) => this.#same(drawn, out[i] as Out, times[column] as number))
      );
    });
  }

  /** The words of a row: as drawn, or as it came out. */
  words(which: 'expected' | 'actual', times: readonly number[]): string[] {
    const cells = this.#lane.cells.map((cell, column) => {
      const time = times[column] as number;
      const words =
        which === 'expected' || this.feeds
          ? cell.map((record) => drawnWord(record, time))
          : (this.actual[column] ?? []).map((out) => this.#word(out, cell, time));
      return words.length === 0
        ? '-'
        : words.length === 1
          ? (words[0] as string)
          : `(${words.join(' ')})`;
    });
    return [this.#lane.label, ...cells];
  }

  #decode(record: LogRecord): Out {
    return {
      key: record.key === null ? null : this.#key.decode(record.key),
      value: record.value === null ? null : this.#value.decode(record.value),
      timestamp: record.timestamp,
    };
  }

  #encode(digit: number): Uint8Array {
    try {
      return this.#value.encode(this.#valueOf(digit));
    } catch (cause) {
      if (this.#byDigit.has(digit)) throw cause;
      const { topic, label } = this.#lane;
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new StreamsError(
        'INVALID_OPTION',
        `The lane '${label}' draws the value ${digit}, which its topic cannot hold (${text}). Say what it stands for: values(${topic}, { ${digit}: ... }).`,
        { place: { topic }, cause },
      );
    }
  }

  #valueOf(digit: number): unknown {
    return this.#byDigit.has(digit) ? this.#byDigit.get(digit) : digit;
  }

  #same(drawn: DrawnRecord, out: Out, time: number): boolean {
    const value = drawn.value === null ? null : this.#valueOf(drawn.value);
    return (
      sameKey(drawn, out.key) &&
      sameValue(value, out.value) &&
      out.timestamp === (drawn.timestamp ?? time)
    );
  }

  /**
   * In the words of the drawing where it can be said in them; a window's end only where ends are
   * drawn.
   */
  #word(out: Out, drawn: readonly DrawnRecord[], time: number): string {
    const window = isWindowed(out.key) ? out.key : null;
    const drawsEnds = drawn.every(({ window }) => window === null || window.end !== null);
    return drawnWord(
      {
        key: out.key === null ? null : String(window === null ? out.key : window.key),
        window:
          window === null ? null : { start: window.start, end: drawsEnds ? window.end : null },
        value: null,
        timestamp: out.timestamp,
      },
      time,
      out.value === null ? '~' : this.#digit(out.value),
    );
  }

  #digit(value: unknown): string {
    for (const [digit, meant] of this.#byDigit) if (sameValue(meant, value)) return String(digit);
    return typeof value === 'number' ? String(value) : JSON.stringify(value);
  }
}

/** A topic's own values; without any, those that only one topic of its serde names. */
function digitsOf(
  topic: string,
  value: AnySerde,
  values: readonly Values[],
): ReadonlyMap<number, unknown> {
  const own = values.find((table) => table.topic === topic);
  if (own !== undefined) return own.byDigit;
  const meanings = new Map<number, unknown>();
  const ambiguous = new Set<number>();
  for (const { byDigit, serde } of values) {
    if (serde !== value) continue;
    for (const [digit, value] of byDigit) {
      if (meanings.has(digit)) ambiguous.add(digit);
      meanings.set(digit, value);
    }
  }
  for (const digit of ambiguous) meanings.delete(digit);
  return meanings;
}

interface Out {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
}

function typesOf(
  topology: Topology,
  { topic, label }: DrawnLane,
): { key: AnySerde; value: AnySerde; feeds: boolean } {
  const known = new Set<string>();
  for (const { source, spec } of topology.plan.nodes) {
    if (source !== null && source.repartition === null) {
      if (source.topics.includes(topic) || source.pattern?.test(topic) === true) {
        return { key: source.key, value: source.value, feeds: true };
      }
      for (const name of source.topics) known.add(name);
    }
    if (typeof spec?.sink?.topic === 'string') known.add(spec.sink.topic);
  }
  for (const { spec } of topology.plan.nodes) {
    if (spec?.sink?.topic === topic) {
      return { key: spec.sink.key, value: spec.sink.value, feeds: false };
    }
  }
  throw new StreamsError(
    'UNKNOWN_TOPIC',
    `The lane '${label}' is no topic of this topology; there are: ${[...known].join(', ')}.`,
  );
}

function drawnKey({ key, window }: DrawnRecord): unknown {
  if (window === null || key === null) return key;
  return { key, start: window.start, end: window.end ?? window.start };
}

function sameKey(drawn: DrawnRecord, key: unknown): boolean {
  if (drawn.window === null) return drawn.key === (key === null ? null : String(key));
  if (!isWindowed(key)) return false;
  const { start, end } = drawn.window;
  return String(key.key) === drawn.key && key.start === start && (end === null || key.end === end);
}

function isWindowed(key: unknown): key is Windowed<unknown> {
  return typeof key === 'object' && key !== null && 'start' in key && 'end' in key;
}

function drawnWord(record: DrawnRecord, time: number, value?: string): string {
  const { key, window, timestamp } = record;
  const end = window === null || window.end === null ? '' : `,${formatDuration(window.end)}`;
  const bounds = window === null ? '' : `[${formatDuration(window.start)}${end}]`;
  const at = timestamp === null || timestamp === time ? '' : `@${formatDuration(timestamp)}`;
  return `${key ?? '_'}${bounds}${value ?? record.value ?? '~'}${at}`;
}

function difference(drawn: Diagram, lanes: readonly Lane[]): string {
  const times = ['time', ...drawn.times.map(formatDuration)];
  const app =
    drawn.app === null
      ? []
      : [['app', ...drawn.app.map((events) => (events.length === 0 ? '-' : events.join(' ')))]];
  const rows = (which: 'expected' | 'actual'): string[][] => [
    times,
    ...lanes.map((lane) => lane.words(which, drawn.times)),
    ...app,
  ];
  const all = [...rows('expected'), ...rows('actual')];
  const lines = formatRows(all).split('\n');
  const half = lines.length / 2;
  const expected = lines.slice(0, half);
  const actual = lines.slice(half);
  return [
    'The topology did not do what was drawn.',
    'expected',
    ...expected,
    'actual',
    ...actual.map((line, i) => (line === expected[i] ? line : line.replace(/^ {2}/, '> '))),
  ].join('\n');
}
