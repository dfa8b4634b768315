import { describe, it } from '@jest/globals';
import {
  deadLetter,
  fail,
  filterTable,
  foreignKeyLeftJoin,
  json,
  mapValues,
  table,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';
import { timeline, values } from 'rxkstreams/testing';

describe('orders with their customers and products', () => {
  interface Order {
    readonly customerId: string;
    readonly sku: string;
    readonly quantity: number;
  }
  interface Customer {
    readonly name: string;
  }
  interface Product {
    readonly cents: number;
  }
  const orders = topic('orders', json<Order>());
  const customers = topic('customers', json<Customer>());
  const products = topic('products', json<Product>());
  const enriched = topic('orders-enriched', json<Order & { customer: Customer; cents: number }>());
  const unresolved = topic('orders-unresolved', json<Order & { reason: string }>());

  const enrichment = topology(() => {
    const joined = table(orders, { undecodable: deadLetter('orders-dlq') }).pipe(
      foreignKeyLeftJoin(
        'order-customer',
        table(customers, { undecodable: fail }),
        (order) => order.customerId,
        (order, customer) => ({ ...order, customer }),
      ),
      foreignKeyLeftJoin(
        'order-product',
        table(products, { undecodable: fail }),
        (order) => order.sku,
        (order, product) => ({ ...order, product }),
      ),
    );
    joined.pipe(
      filterTable((o) => o.customer !== null && o.product !== null),
      mapValues(({ customer, product, ...o }) => ({
        ...o,
        customer: customer as Customer,
        cents: (product as Product).cents * o.quantity,
      })),
      toStream(),
      to(enriched),
    );
    // A tombstone follows when the customer appears after all.
    joined.pipe(
      filterTable((o) => o.customer === null || o.product === null),
      mapValues(({ customer, product, ...o }) => ({
        ...o,
        reason: customer === null ? 'no customer' : 'no product',
      })),
      toStream(),
      to(unresolved),
    );
  });

  const one = { customerId: 'c', sku: 'k', quantity: 2 };
  const two = { ...one, quantity: 1 };
  const customer = { name: 'Ann' };

  it('an order waits for its customer; a crash before the commit repeats nothing', () =>
    timeline(
      enrichment,
      `
      time               0s   1s   2s   3s   4s
      products           k1   -    -    -    -
      orders             a1   -    -    b2   -
      customers          -    c1   -    -    -
      app                C    C    -    X    R        // commit, crash, restart
      orders-unresolved  a1   a~   -    -    -
      orders-enriched    -    a1   -    -    b2@3s
      `,
      [
        values(orders, { 1: one, 2: two }),
        values(customers, { 1: customer }),
        values(products, { 1: { cents: 50 } }),
        values(enriched, {
          1: { ...one, customer, cents: 100 },
          2: { ...two, customer, cents: 50 },
        }),
        values(unresolved, { 1: { ...one, reason: 'no customer' } }),
      ],
      { guarantee: 'exactly-once' },
    ));
});
