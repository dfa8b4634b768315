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

export const orders = topic('orders', number());
export const lateOrders = topic('orders-late', number());
export const spend = topic('spend', windowed(string()), number());

/** What each customer spends in a minute; orders that come too late go aside. */
export const spendPerMinute = topology(() => {
  stream(orders).pipe(
    groupByKey(),
    windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 5_000 }), { late: to(lateOrders) }),
    aggregate(
      windowStore('spend-per-minute', number()),
      () => 0,
      (_customer, amount, sum) => sum + amount,
    ),
    suppress(untilWindowCloses()),
    toStream(),
    to(spend),
  );
});
