import { filter } from 'rxjs';
import {
  aggregate,
  filterTable,
  foreignKeyJoin,
  foreignKeyLeftJoin,
  globalTable,
  groupTableBy,
  join,
  joinTables,
  joinWindows,
  json,
  type KStream,
  type KTable,
  keyValueStore,
  leftJoin,
  number,
  outerJoin,
  type ProcessorContext,
  process,
  processValues,
  stream,
  table,
  topic,
  topicPattern,
  type ValueProcessorContext,
  versionedStore,
} from 'rxkstreams';

interface Order {
  customer: string;
  amount: number;
}
interface Customer {
  name: string;
}
const orders = topic('orders', json<Order>());
const customers = topic('customers', json<Customer>());
const numbered = topic('numbered', number(), json<Customer>());

// ---- what infers
export const withTable: KStream<string, { amount: number; name: string }> = stream(orders).pipe(
  filter((order) => order.value.amount > 1),
  join(table(customers), (order, customer) => ({ amount: order.amount, name: customer.name })),
);
export const leftWithTable: KStream<string, string | null> = stream(orders).pipe(
  leftJoin(table(customers), (_order, customer, key) =>
    key === '' ? null : (customer?.name ?? null),
  ),
);
export const tables: KTable<string, string | null> = table(orders).pipe(
  join(table(customers), (order, customer) => `${order.amount}${customer.name}`),
);
export const storedTables: KTable<string, string | null> = table(orders).pipe(
  join(table(customers), (order, customer) => `${order.amount}${customer.name}`, {
    store: keyValueStore('joined', json<string>()),
  }),
);
export const outerTables: KTable<string, number | null> = table(orders).pipe(
  outerJoin(
    table(customers),
    (order, customer) => (order?.amount ?? 0) + (customer?.name.length ?? 0),
  ),
);
export const windowed: KStream<string, [number, number]> = stream(orders).pipe(
  join(
    stream(orders),
    joinWindows({ name: 'pairs', beforeMs: 1, afterMs: 1, graceMs: 0 }),
    (a, b): [number, number] => [a.amount, b.amount],
  ),
);
export const windowedLeft: KStream<string, string> = stream(orders).pipe(
  leftJoin(
    stream(customers),
    { name: 'seen', beforeMs: 1, afterMs: 1, graceMs: 0, left: json<Order>() },
    (order, customer) => `${order.amount}${customer?.name}`,
  ),
);
export const global: KStream<string, string> = stream(orders).pipe(
  join(
    globalTable(numbered),
    (order) => order.value.amount,
    (order, customer) => `${order.amount}${customer.name}`,
  ),
);
export const waiting: KStream<string, string> = stream(orders).pipe(
  join(
    table(customers, {
      store: versionedStore('customers-history', json<Customer>(), { retentionMs: 9 }),
    }),
    (_order, customer) => customer.name,
    { name: 'orders-waiting', graceMs: 5 },
  ),
);
export const filtered: KTable<string, Order | null> = table(orders).pipe(
  filterTable((order, key) => order.amount > key.length),
);

const joinedStore = keyValueStore('joined', json<string>());
const storedUnannotated = table(orders).pipe(
  join(table(customers), (order, customer) => `${order.amount}${customer.name}`, {
    store: joinedStore,
  }),
);
export const storedIsTable: KTable<string, string | null> = storedUnannotated;
const threeTables = joinTables(
  { order: table(orders), customer: table(customers), other: table(customers) },
  ({ order, customer, other }) => `${order.amount}${customer.name}${other?.name}`,
  { optional: ['other'], store: joinedStore },
);
export const threeIsTable: KTable<string, string | null> = threeTables;
const byCustomer = table(orders).pipe(
  foreignKeyLeftJoin(
    'order-customer',
    table(customers),
    (order) => order.customer,
    (order, customer) => ({ ...order, customer }),
  ),
  foreignKeyJoin(
    'order-other',
    table(customers),
    ({ amount }) => `${amount}`,
    (order, other) => ({ ...order, other: other.name }),
  ),
);
export const foreign: KTable<
  string,
  { amount: number; customer: Customer | null; other: string } | null
> = byCustomer;
export const storedForeign: KTable<string, string | null> = table(orders).pipe(
  foreignKeyJoin(
    'order-named',
    table(customers),
    (order) => order.customer,
    (order, customer) => `${order.amount}${customer.name}`,
    { store: joinedStore },
  ),
);
export const perCustomer: KTable<string, number> = table(orders).pipe(
  groupTableBy('orders-by-customer', (order) => order.customer),
  aggregate(
    keyValueStore('amounts', number()),
    () => 0,
    (_customer, order, sum) => sum + order.amount,
    (_customer, order, sum) => sum - order.amount,
  ),
);
export const processed: KStream<string, number> = stream(orders).pipe(
  processValues((context: ValueProcessorContext<number>) => ({
    process: (order) => context.forward(order.value.amount),
  })),
);
export const several: KStream<string, Order> = stream([orders, topic('more', json<Order>())]);
export const matching: KStream<string, Order> = stream(topicPattern(/^orders-/, json<Order>()));

// ---- what must not compile
// @ts-expect-error the joiner of an inner join never sees null, so it has no name to lose
stream(orders).pipe(leftJoin(table(customers), (_order, customer) => customer.name));
const byNumber = table(numbered);
// @ts-expect-error keys of other types never meet
stream(orders).pipe(join(byNumber, (order, customer) => order.amount + customer.name.length));
// @ts-expect-error a stream and a table have no outer join
stream(orders).pipe(outerJoin(table(customers), () => 1));
// @ts-expect-error filterTable is for tables: RxJS has one for streams
stream(orders).pipe(filterTable(() => true));
// @ts-expect-error a global table's key must be named
stream(orders).pipe(join(globalTable(customers), () => 1));
const moved = stream(orders).pipe(
  process((context: ProcessorContext<string, number>) => ({
    process: ({ key, value }) => context.forward({ key: `${key}!`, value: value.amount }),
  })),
);
// @ts-expect-error a processor may change the key: repartition() first
moved.pipe(join(table(customers), (amount) => amount));
const grouped = table(orders).pipe(groupTableBy('by-customer', (order) => order.customer));
const adding = (_key: string, order: Order, sum: number): number => sum + order.amount;
const amounts = keyValueStore('amounts', number());
// @ts-expect-error a grouped table needs a subtractor
grouped.pipe(aggregate(amounts, () => 0, adding));
// @ts-expect-error the optional row may be null
joinTables({ a: table(customers), b: table(customers) }, ({ b }) => b.name, { optional: ['b'] });
