import {
  foreignKeyJoin,
  foreignKeyLeftJoin,
  join,
  joinWindows,
  leftJoin,
  outerJoin,
} from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op } from '../Scenario.ts';
import type { Json, Key } from '../values.ts';
import { joiner, keySelector } from '../vocabulary.ts';
import {
  type Build,
  idOf,
  need,
  rowValues,
  type Stream,
  type StreamNode,
  type Table,
  type TableNode,
  values,
} from './Build.ts';
import { partitioned } from './stateless.ts';

/** A joiner as ours are called; of two tables, Kafka Streams' get no key. */
type Join = (left: Json, right: Json, key: Key) => Json;

function joinerOf(op: Op, keyed: boolean): Join {
  const make = joiner(need(op, 'joiner', op.joiner));
  return (left, right, key) => make(keyed ? key : null, left, right);
}

export function buildJoin(build: Build, op: Op): void {
  const left = build.input(op);
  if (left.kind === 'table') {
    const right = build.inputOf(op, 'table', 1);
    const source =
      op.fk === undefined ? tables(build, op, left, right) : byForeignKey(build, op, left, right);
    build.name(idOf(op), { kind: 'table', source });
    return;
  }
  const stream = build.inputOf(op, 'stream');
  const right = build.input(op, 1);
  if (right.kind === 'stream') {
    const source = streams(build, op, stream, right);
    build.name(idOf(op), { kind: 'stream', source, rekeyed: false });
    return;
  }
  if (right.kind === 'global table') {
    const select = keySelector(need(op, 'key', op.key));
    const lookUp = op.op === 'leftJoin' ? leftJoin : join;
    const source = stream.source.pipe(
      lookUp(
        right.source,
        ({ key, value }: { key: Key; value: Json }) => select(key, value),
        joinerOf(op, true),
      ),
    ) as Stream;
    build.name(idOf(op), { kind: 'stream', source, rekeyed: stream.rekeyed });
    return;
  }
  const source = withTable(build, op, stream, build.inputOf(op, 'table', 1));
  build.name(idOf(op), { kind: 'stream', source, rekeyed: false });
}

function streams(build: Build, op: Op, left: StreamNode, right: StreamNode): Stream {
  const { beforeMs = 0, afterMs = 0, graceMs = 0 } = need(op, 'window', op.window);
  const windows = joinWindows({
    name: op.store ?? idOf(op),
    beforeMs,
    afterMs,
    graceMs,
    key: keys,
    left: values,
    right: values,
    emitIntervalMs: build.scenario.config?.emitIntervalMs ?? 0,
  });
  const first = partitioned(build, left, `${idOf(op)}-left`);
  const second = left === right ? first : partitioned(build, right, `${idOf(op)}-right`);
  const make = joinerOf(op, true);
  if (op.op === 'outerJoin') return first.pipe(outerJoin(second, windows, make));
  if (op.op === 'leftJoin') return first.pipe(leftJoin(second, windows, make));
  return first.pipe(join(second, windows, make));
}

function withTable(build: Build, op: Op, left: StreamNode, { source: table }: TableNode): Stream {
  const stream = partitioned(build, left, idOf(op));
  const make = joinerOf(op, true);
  const isLeft = op.op === 'leftJoin';
  if (op.graceMs === undefined) {
    return isLeft ? stream.pipe(leftJoin(table, make)) : stream.pipe(join(table, make));
  }
  const o = { name: op.store ?? idOf(op), graceMs: op.graceMs, key: keys, value: values };
  return isLeft ? stream.pipe(leftJoin(table, make, o)) : stream.pipe(join(table, make, o));
}

function tables(build: Build, op: Op, { source: left }: TableNode, right: TableNode): Table {
  const make = joinerOf(op, false);
  const { store } = build.rowsOption(op);
  const other = right.source;
  if (op.op === 'outerJoin') {
    return left.pipe(store ? outerJoin(other, make, { store }) : outerJoin(other, make));
  }
  if (op.op === 'leftJoin') {
    return left.pipe(store ? leftJoin(other, make, { store }) : leftJoin(other, make));
  }
  return left.pipe(store ? join(other, make, { store }) : join(other, make));
}

function byForeignKey(build: Build, op: Op, left: TableNode, right: TableNode): Table {
  const select = keySelector(need(op, 'fk', op.fk));
  const make = joinerOf(op, false);
  const store = build.rows(op.store ?? idOf(op));
  const o = { key: keys, foreignKey: keys, value: rowValues, store };
  const foreignKey = (value: Json, key: Key): Key => select(key, value);
  return op.op === 'leftJoin'
    ? left.source.pipe(foreignKeyLeftJoin(store.store, right.source, foreignKey, make, o))
    : left.source.pipe(foreignKeyJoin(store.store, right.source, foreignKey, make, o));
}
