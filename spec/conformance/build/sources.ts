import { globalTable, stream, table, versionedStore } from 'rxkstreams';
import { keys } from '../keys.ts';
import type { Op } from '../Scenario.ts';
import { get, type Json } from '../values.ts';
import { type Build, idOf, need, topicOf, values } from './Build.ts';
import { withOwnHeaders } from './stateless.ts';

type TimestampOf = (record: { readonly value: unknown; readonly partitionTime: number }) => number;

/** `field:x`, or `field:x:partitionTime`. */
function timestampOf(spec: string): TimestampOf {
  const [, field, fallback] = spec.split(':') as [string, string, string?];
  return ({ value, partitionTime }) => {
    const time = value === null ? null : get(value as Json, field);
    if (typeof time === 'number') return time;
    return fallback === 'partitionTime' ? partitionTime : -1;
  };
}

export function buildStream(build: Build, op: Op): void {
  const topics = need(op, 'topics', op.topics).map(topicOf);
  const o = op.timestamp === undefined ? {} : { timestampOf: timestampOf(op.timestamp) };
  const records = stream(topics, o);
  const source = withOwnHeaders(build, records);
  build.name(idOf(op), { kind: 'stream', source, rekeyed: false });
}

export function buildTable(build: Build, op: Op): void {
  const topic = topicOf(need(op, 'topic', op.topic));
  const { versionedMs: retentionMs } = op;
  const store =
    retentionMs === undefined
      ? build.storeOption(op)
      : {
          store: build.keep(
            versionedStore(op.store ?? `${idOf(op)}-store`, values, { key: keys, retentionMs }),
          ),
        };
  build.name(idOf(op), { kind: 'table', source: table(topic, store) });
}

export function buildGlobalTable(build: Build, op: Op): void {
  const topic = topicOf(need(op, 'topic', op.topic));
  const source = globalTable(topic, build.storeOption(op));
  build.name(idOf(op), { kind: 'global table', source });
}

export function buildStore(build: Build, op: Op): void {
  build.keyValue(need(op, 'name', op.name));
}
