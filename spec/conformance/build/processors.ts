import type {
  KeyValueState,
  KeyValueStore,
  KRecord,
  Processor,
  ProcessorContext,
  TaskView,
  ValueProcessorContext,
} from 'rxkstreams';
import type { Op, Punctuate, Schedule } from '../Scenario.ts';
import { get, type Json, type Key, num, sameJson } from '../values.ts';
import { ownHeaders, stamped, unstamped } from './headers.ts';

type Context = ProcessorContext<Key, Json>;
type ValueContext = ValueProcessorContext<Json>;
type AnyRecord = KRecord<Key, Json, 'partitioned' | 'key changed: repartition() first'>;
export type MakeProcessor = (context: Context) => Processor<Key, Json, Context>;
export type MakeValueProcessor = (context: ValueContext) => Processor<Key, Json, ValueContext>;
type Store = KeyValueStore<Key, Json>;
type Rows = KeyValueState<Key, Json>;

const encoder = new TextEncoder();

function timeOf(punctuate: Punctuate | undefined): 'stream' | 'wall-clock' {
  return punctuate === 'wallClock' ? 'wall-clock' : 'stream';
}

function valueAt(rows: Rows, key: Key): Json {
  return rows.get(key)?.value ?? null;
}

function entries(rows: Iterable<{ readonly key: Key; readonly value: Json }>): [Key, Json][] {
  return Array.from(rows, ({ key, value }) => [key, value]);
}

/**
 * The processors of `process`, by name; `anchorMs` is where wall-clock intervals are counted from.
 */
export function processorOf(op: Op, stores: readonly Store[], anchorMs: number): MakeProcessor {
  const first = stores[0] as Store;
  switch (op.processor) {
    case 'countPunctuate':
      return (context) => countPunctuate(context, op, first, anchorMs);
    case 'punctuateLog':
      return (context) => punctuateLog(context, op.schedules ?? [], first, anchorMs);
    case 'meta':
      return (context) => ({
        process: (record) => context.forward({ key: record.key, value: metaOf(record, context) }),
      });
    case 'dedup':
      return (context) => dedup(context, first);
    case 'stampHeader':
      return (context) => ({
        process(record) {
          const { key, value } = record;
          context.forward({ key, value, headers: stamped(record, op) });
        },
      });
    case 'dropHeader':
      return (context) => ({
        process(record) {
          const { key, value } = record;
          context.forward({ key, value, headers: unstamped(record, op) });
        },
      });
    case 'setTs':
      return (context) => ({
        process(record) {
          const { key, value } = record;
          const time = get(value, op.field ?? '');
          if (typeof time !== 'number') return context.forward(record);
          context.forward({ key, value, timestamp: time, headers: ownHeaders(record).headers });
        },
      });
    case 'twice':
      return (context) => ({
        process(record) {
          const { key, value, timestamp } = record;
          context.forward({ key, value });
          // A copy of what those behind have made of the headers by now.
          const { headers } = ownHeaders(record);
          context.forward({ key: `${key as string}'`, value, timestamp: timestamp + 1, headers });
        },
      });
    case 'storeCommands':
      return (context) => storeCommands(context, first);
  }
  throw new Error(`there is no processor '${op.processor}'`);
}

/** The processors of `processValues`. */
export function valueProcessorOf(op: Op, stores: readonly Store[]): MakeValueProcessor {
  switch (op.processor) {
    case 'meta':
      return (context) => ({ process: (record) => context.forward(metaOf(record, context)) });
    case 'stampHeader':
      return (context) => ({
        process(record) {
          context.forward(record.value, { headers: stamped(ownHeaders(record), op) });
        },
      });
    case 'runningCount':
      return (context) => ({
        process({ key, timestamp }) {
          const rows = context.store(stores[0] as Store);
          const count = num(valueAt(rows, key)) + 1;
          rows.put(key, count, timestamp);
          context.forward(count);
        },
      });
  }
  throw new Error(`there is no processor of values '${op.processor}'`);
}

function countPunctuate(
  context: Context,
  { punctuate, intervalMs = 0, clear = false }: Op,
  store: Store,
  anchorMs: number,
): Processor<Key, Json, Context> {
  return {
    init() {
      context.schedule(scheduleOf(punctuate, intervalMs, anchorMs), (timestamp) => {
        const rows = context.store(store);
        const all = entries(rows.all());
        for (const [key, value] of all) context.forward({ key, value, timestamp });
        if (clear) for (const [key] of all) rows.delete(key);
      });
    },
    process({ key, timestamp }) {
      if (key === null) return;
      const rows = context.store(store);
      rows.put(key, num(valueAt(rows, key)) + 1, timestamp);
    },
  };
}

function scheduleOf(punctuate: Punctuate | undefined, intervalMs: number, anchorMs: number) {
  const time = timeOf(punctuate);
  return time === 'stream' ? { time, intervalMs } : { time, intervalMs, anchorMs };
}

/**
 * How often each schedule was called lies in a store, so that one that was cancelled stays so
 * after a restart.
 */
function punctuateLog(
  context: Context,
  schedules: readonly Schedule[],
  store: Store,
  anchorMs: number,
): Processor<Key, Json, Context> {
  return {
    init() {
      const calls = context.store(store);
      for (const { label, punctuate, intervalMs, cancelAfter } of schedules) {
        const most = cancelAfter ?? Number.POSITIVE_INFINITY;
        if (num(valueAt(calls, label)) >= most) continue;
        const cancel = context.schedule(
          scheduleOf(punctuate, intervalMs, anchorMs),
          (timestamp) => {
            const value = {
              at: timestamp,
              streamTime: context.streamTime(),
              wallClock: context.wallClock(),
            };
            context.forward({ key: label, value, timestamp });
            const count = num(valueAt(calls, label)) + 1;
            calls.put(label, count, timestamp);
            if (count >= most) cancel();
          },
        );
      }
    },
    process: (record) => context.forward(record),
  };
}

function metaOf({ value, timestamp }: AnyRecord, context: TaskView): Json {
  const { topic, partition, offset } = context.recordMetadata ?? {
    topic: null,
    partition: -1,
    offset: -1,
  };
  return {
    v: value,
    ts: timestamp,
    topic,
    partition,
    offset,
    streamTime: context.streamTime(),
    wallClock: context.wallClock(),
  };
}

function dedup(context: Context, store: Store): Processor<Key, Json, Context> {
  return {
    process(record) {
      const { key, value, timestamp } = record;
      if (key !== null) {
        const rows = context.store(store);
        if (sameJson(valueAt(rows, key), value)) return;
        keepValue(rows, key, value, timestamp);
      }
      context.forward(record);
    },
  };
}

function keepValue(rows: Rows, key: Key, value: Json, timestamp: number): void {
  if (value === null) rows.delete(key);
  else rows.put(key, value, timestamp);
}

function storeCommands(context: Context, store: Store): Processor<Key, Json, Context> {
  return {
    process({ key, value, timestamp }) {
      const rows = context.store(store);
      if (value === null) {
        const deleted = valueAt(rows, key);
        rows.delete(key);
        context.forward({ key, value: { deleted } });
        return;
      }
      const cmd = get(value, 'cmd');
      if (typeof cmd === 'string') {
        context.forward({ key, value: answer(rows, cmd, key, value, timestamp) });
        return;
      }
      rows.put(key, value, timestamp);
    },
  };
}

function answer(rows: Rows, cmd: string, key: Key, value: Json, timestamp: number): Json {
  const from = get(value, 'from') as string | null;
  const to = get(value, 'to') as string | null;
  switch (cmd) {
    case 'get':
      return { got: valueAt(rows, key) };
    case 'putIfAbsent': {
      const old = valueAt(rows, key);
      if (old === null) keepValue(rows, key, get(value, 'v'), timestamp);
      return { old };
    }
    case 'range':
      return entries(rows.range(from, to)) as Json;
    case 'reverseRange':
      return entries(rows.range(from, to, { reverse: true })) as Json;
    case 'all':
      return entries(rows.all()) as Json;
    case 'reverseAll':
      return entries(rows.all({ reverse: true })) as Json;
    case 'prefix':
      return entries(rows.prefix(encoder.encode(from ?? ''))) as Json;
  }
  throw new Error(`there is no store command '${cmd}'`);
}
