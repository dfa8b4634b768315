import {
  groupByKey,
  groupTableBy,
  hoppingWindows,
  mapValues,
  type SessionWindows,
  sessionWindows,
  slidingWindows,
  type TimeWindows,
  tumblingWindows,
  unlimitedWindows,
} from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op, Window } from '../Scenario.ts';
import { get, type Json, type Key } from '../values.ts';
import { aggregator, keySelector, valueMapper } from '../vocabulary.ts';
import { type Build, idOf, need, rowValues, type Stream, type Table } from './Build.ts';
import { partitioned, rekeyed } from './stateless.ts';

function grouped(build: Build, op: Op, source: Stream): void {
  // A cache shows as the last change of each key before a commit.
  const isCached = (build.scenario.config?.cacheBytes ?? 0) > 0;
  const groups = source.pipe(groupByKey(isCached ? { emit: 'on commit' } : {}));
  build.name(idOf(op), {
    kind: 'groups',
    members: [{ source: groups, add: null }],
    window: null,
    emit: {},
  });
}

export function buildGroupByKey(build: Build, op: Op): void {
  grouped(build, op, partitioned(build, build.inputOf(op, 'stream'), idOf(op)));
}

export function buildGroupBy(build: Build, op: Op): void {
  const input = build.input(op);
  if (input.kind === 'table') {
    groupTable(build, op, input.source);
    return;
  }
  const { source } = build.inputOf(op, 'stream');
  const moved = rekeyed(source, keySelector(need(op, 'key', op.key)));
  grouped(
    build,
    op,
    partitioned(build, { kind: 'stream', source: moved, rekeyed: true }, idOf(op)),
  );
}

const seesValue = /^(field|value|keyPlusField)\b/;

/**
 * Kafka Streams' groupBy makes key and value at once. Ours makes the key of the value it finds: a
 * mapper runs before it, and where the key needs the value as it was, both go on together.
 */
function groupTable(build: Build, op: Op, source: Table): void {
  const selector = need(op, 'key', op.key);
  const select = keySelector(selector);
  const mapper = valueMapper(op.value ?? 'identity');
  const name = `auto-${idOf(op)}`;
  const serdes = { key: keys, value: rowValues };
  const byKey = (value: Json, key: Key): Key => select(key, value);
  const isMapped = op.value !== undefined && op.value !== 'identity';
  if (!isMapped || !seesValue.test(selector)) {
    const mapped = isMapped
      ? source.pipe(mapValues((value: Json, key: Key) => mapper(key, value)))
      : source;
    build.name(idOf(op), {
      kind: 'table groups',
      source: mapped.pipe(groupTableBy(name, byKey, serdes)),
      valueIn: null,
    });
    return;
  }
  const both = source.pipe(
    mapValues((row: Json, key: Key): Json => {
      const value = mapper(key, row);
      return value === null ? null : { group: select(key, row) as Json, value };
    }),
  );
  build.name(idOf(op), {
    kind: 'table groups',
    source: both.pipe(groupTableBy(name, (row: Json) => get(row, 'group') as Key, serdes)),
    valueIn: (row) => get(row, 'value'),
  });
}

export function buildWindowedBy(build: Build, op: Op): void {
  const groups = build.inputOf(op, 'groups');
  build.name(idOf(op), {
    ...groups,
    window: need(op, 'window', op.window),
    emit:
      op.emit === 'windowClose'
        ? { emit: 'on close', emitIntervalMs: build.scenario.config?.emitIntervalMs ?? 0 }
        : {},
  });
}

export function buildCogroup(build: Build, op: Op): void {
  const inputs = build.inputs(op, 'groups');
  const aggs = need(op, 'aggs', op.aggs);
  build.name(idOf(op), {
    kind: 'groups',
    members: inputs.flatMap(({ members }, i) =>
      members.map(({ source }) => ({ source, add: aggregator(aggs[i] as string) })),
    ),
    window: null,
    emit: {},
  });
}

export function timeWindows(window: Window): TimeWindows {
  const { sizeMs = 0, advanceMs = 0, startMs = 0, graceMs = 0 } = window;
  switch (window.type) {
    case 'tumbling':
      return tumblingWindows({ sizeMs, graceMs });
    case 'hopping':
      return hoppingWindows({ sizeMs, advanceMs, graceMs });
    case 'sliding':
      return slidingWindows({ timeDifferenceMs: sizeMs, graceMs });
    case 'unlimited':
      return unlimitedWindows({ startMs });
    default:
      throw new Error(`there are no windows of time of the type '${window.type}'`);
  }
}

export function sessions({ gapMs = 0, graceMs = 0 }: Window): SessionWindows {
  return sessionWindows({ gapMs, graceMs });
}
