import { filter, map, merge } from 'rxjs';
import {
  aggregate,
  branch,
  cogroup,
  count,
  groupByKey,
  json,
  type KRecord,
  type KStream,
  type KTable,
  keyValueStore,
  mapValues,
  memoryKafka,
  number,
  type Plain,
  produce,
  reduce,
  repartition,
  repartitionBy,
  selectKey,
  sessionStore,
  sessionWindows,
  stream,
  string,
  suppress,
  table,
  to,
  topic,
  topology,
  toStream,
  toTable,
  tumblingWindows,
  untilTimeLimit,
  untilWindowCloses,
  type Windowed,
  windowed,
  windowedBy,
  windowStore,
} from 'rxkstreams';
import { values } from 'rxkstreams/testing';

interface Order {
  readonly customer: string;
  readonly amount: number;
}
interface Visit {
  readonly pages: readonly string[];
}

/** The same type, both ways. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function is<A>(): <B>(value: B, same: Same<A, B>) => void;

const orders = topic('orders', json<Order>());
const late = topic('late', json<Order>());
const names = topic('names', string());
const spend = windowStore('spend', number());
const visits = sessionStore('visits', json<Visit>());
const counts = keyValueStore('counts', number());
const minutes = tumblingWindows({ sizeMs: 60_000, graceMs: 0 });
const sessions = sessionWindows({ gapMs: 10, graceMs: 0 });

// ---- what must compile, and to what it infers
is<KTable<string, number>>()(stream(orders).pipe(groupByKey(), count(counts)), true);
is<KTable<Windowed<string>, number>>()(
  stream(orders).pipe(
    filter((order) => order.value.amount > 10),
    repartitionBy('by-customer', (order) => order.customer),
    groupByKey(),
    windowedBy(minutes, { late: to(late), emit: 'on close' }),
    aggregate(
      spend,
      () => 0,
      (_key, order, sum) => sum + order.amount,
    ),
    suppress(untilWindowCloses()),
  ),
  true,
);
is<KTable<Windowed<string>, Visit | null>>()(
  stream(names).pipe(
    groupByKey(),
    windowedBy(sessions),
    aggregate(
      visits,
      () => ({ pages: [] }),
      (_user, page, visit) => ({ pages: [...visit.pages, page] }),
      (_user, a, b) => ({ pages: [...a.pages, ...b.pages] }),
    ),
  ),
  true,
);
is<KTable<string, number>>()(
  stream(orders).pipe(
    mapValues((order) => order.amount),
    groupByKey(),
    reduce(counts, (a, b) => a + b),
  ),
  true,
);
is<KTable<string, number | null>>()(table(orders).pipe(mapValues((order) => order.amount)), true);
is<KStream<string, number>>()(stream(orders).pipe(mapValues((order) => order.amount)), true);
is<KTable<string, string | null>>()(
  stream(names).pipe(toTable(keyValueStore('names', string()))),
  true,
);
is<KStream<string, string | null>>()(table(names).pipe(toStream()), true);
is<KTable<string, string | null>>()(
  table(names).pipe(suppress(untilTimeLimit({ limitMs: 10 }))),
  true,
);
is<KStream<string, Order>>()(merge(stream(orders), stream(orders)), true);
is<KTable<Windowed<string>, number>>()(
  stream(orders).pipe(
    groupByKey(),
    windowedBy(minutes),
    cogroup(
      spend,
      () => 0,
      (_key, order, sum) => sum + order.amount,
      [stream(names).pipe(groupByKey()), (_key, name, sum) => sum + name.length],
      [
        stream(orders).pipe(groupByKey(), windowedBy(minutes)),
        (_key, order, sum) => sum - order.amount,
      ],
    ),
  ),
  true,
);
is<KTable<Windowed<string>, Visit | null>>()(
  stream(names).pipe(
    groupByKey(),
    windowedBy(sessions),
    cogroup(
      visits,
      () => ({ pages: [] }),
      (_key, page, visit) => ({ pages: [...visit.pages, page] }),
      (_key, a, b) => ({ pages: [...a.pages, ...b.pages] }),
      [
        stream(orders).pipe(groupByKey()),
        (_key, order, visit) => (order.amount > 0 ? visit : visit),
      ],
    ),
  ),
  true,
);
const { large } = branch(stream(orders), {
  large: (order) => order.value.amount > 100,
  rest: true,
});
is<KStream<string, Order>>()(large, true);
stream(orders).pipe(
  selectKey((order) => order.value.customer),
  repartition('again'),
  groupByKey(),
  count(counts),
);
stream(names).pipe(to((word) => `by-${word.value}`, { value: string() }));
stream(names).pipe(
  groupByKey(),
  windowedBy(minutes),
  count(spend),
  toStream(),
  to(topic('spend', windowed(string()), number())),
);

// ---- what must not compile
const o = stream(orders);
const n = stream(names);
const t = table(names);
const byCustomer = (order: KRecord<string, Order, Plain>): string => order.value.customer;
const noPages = (): Visit => ({ pages: [] });
const same = (_key: string, _value: string, visit: Visit): Visit => visit;
const sum = (_key: string, order: Order, all: number): number => all + order.amount;
const bare = map((name: KRecord<string, string>) => ({ key: name.key, value: name.value }));

// @ts-expect-error grouping needs a repartition: the key changed
o.pipe(selectKey(byCustomer), groupByKey());
// @ts-expect-error counting needs a grouping
o.pipe(count(counts));
// @ts-expect-error aggregating needs a grouping
o.pipe(aggregate(counts, () => 0, sum));
// @ts-expect-error windows need a grouping
o.pipe(windowedBy(minutes));
// @ts-expect-error a table is no stream of records: toStream() first
t.pipe(to(names));
// @ts-expect-error nothing but an aggregation follows a grouping
n.pipe(groupByKey(), mapValues(String));
// @ts-expect-error nor is it written
n.pipe(groupByKey(), to(names));
// @ts-expect-error windows need a window store
n.pipe(groupByKey(), windowedBy(minutes), count(counts));
// @ts-expect-error a window store needs windows
n.pipe(groupByKey(), count(spend));
// @ts-expect-error a table is not grouped by its key: groupTableBy
t.pipe(groupByKey());
// @ts-expect-error sessions need a merger
n.pipe(groupByKey(), windowedBy(sessions), aggregate(visits, noPages, same));
// @ts-expect-error final results need windows
n.pipe(groupByKey(), count(counts), suppress(untilWindowCloses()));
// @ts-expect-error values are what the topic takes
o.pipe(to(names));
// @ts-expect-error a plain object is no record
n.pipe(bare, groupByKey());
// @ts-expect-error toStream is for tables
n.pipe(toStream());
// @ts-expect-error windows need their grace
tumblingWindows({ sizeMs: 10 });

// A handle names the types, and what is given to it must fit: literals keep theirs.
interface Member {
  readonly tier: 'gold' | 'basic';
}
const members = topic('members', json<Member>());
void produce(memoryKafka(), members, [
  { key: 'a', value: { tier: 'gold' }, timestamp: 0 },
  { key: null, value: null, timestamp: 0 },
]);
values(members, { 1: { tier: 'basic' } });
// @ts-expect-error there is no such tier
values(members, { 1: { tier: 'silver' } });

// A store's keys are strings unless it is told how others become bytes.
const numbered = topic('numbered', number(), string());
topology(() => {
  stream(numbered).pipe(groupByKey(), count(keyValueStore('told', number(), { key: number() })));
  // @ts-expect-error the keys are numbers, and the store has no serde for them
  stream(numbered).pipe(groupByKey(), count(keyValueStore('untold', number())));
});
