import { describe, expect, it } from '@jest/globals';
import { NEVER, type Observable, type OperatorFunction } from 'rxjs';
import type { Change } from '../../lib/model/record.ts';
import { foreignKeyJoin } from '../../lib/operators/foreignKeyJoin.ts';
import { change } from '../../lib/testing/record.ts';
import { itIsAnOperator, marbles } from './marbles.ts';

interface Order {
  sku: string | null;
  n: number;
}
type Orders = Change<string, Order | null>;
type Products = Change<string, string | null>;

const noProducts: Observable<Products> = NEVER;
const order = (sku: string | null, n: number): Order => ({ sku, n });
const skuOf = ({ sku }: Order): string | null => sku;
const titled = ({ n }: Order, title: string | null): string => `${n}${title}`;
const placed = (key: string, value: Order | null, previous: Order | null, at: number): Orders =>
  change(key, value, previous, at);
const product = (key: string, value: string | null, previous: string | null, at: number) =>
  change<string, string | null>(key, value, previous, at);
type Joined = OperatorFunction<Orders, Change<string, string | null>>;
const inner = (products: Observable<Products>): Joined =>
  foreignKeyJoin('order-product', products, skuOf, titled);

describe('foreignKeyJoin', () => {
  itIsAnOperator<Orders>(() => inner(noProducts), placed('1', order('x', 1), null, 1), true);

  it("either side first: the later time, on a right change the right row's", () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-ab', {
        a: placed('1', order('x', 1), null, 4),
        b: placed('2', order('y', 2), null, 9),
      });
      const products = cold('x--y', {
        x: product('x', 'X', null, 6),
        y: product('y', 'Y', null, 5),
      });
      expectObservable(orders.pipe(inner(products))).toBe('-a-b', {
        a: change('1', '1X', null, 6),
        b: change('2', '2Y', null, 5),
      });
    });
  });

  it('one right change reaches all its left rows, in order of their keys', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('(bac)', {
        b: placed('b', order('x', 1), null, 1),
        a: placed('a', order('x', 2), null, 2),
        c: placed('c', order('y', 3), null, 3),
      });
      const products = cold('-x---z', {
        x: product('x', 'X', null, 9),
        z: product('x', null, 'X', 8),
      });
      expectObservable(orders.pipe(inner(products))).toBe('-(ab)(cd)', {
        a: change('a', '2X', null, 9),
        b: change('b', '1X', null, 9),
        c: change('a', null, '2X', 8),
        d: change('b', null, '1X', 8),
      });
    });
  });

  it('the foreign key moves to another match, to none, to null and back', () => {
    marbles(({ cold, expectObservable }) => {
      const products = cold('(xy)', {
        x: product('x', 'X', null, 1),
        y: product('y', 'Y', null, 2),
      });
      const orders = cold('-abcdef', {
        a: placed('1', order('x', 1), null, 3),
        b: placed('1', order('y', 1), order('x', 1), 4),
        c: placed('1', order('q', 1), order('y', 1), 5),
        d: placed('1', order('q', 2), order('q', 1), 6),
        e: placed('1', order(null, 2), order('q', 2), 7),
        f: placed('1', order('x', 3), order(null, 2), 8),
      });
      expectObservable(orders.pipe(inner(products))).toBe('-abc-ef', {
        a: change('1', '1X', null, 3),
        b: change('1', '1Y', '1X', 4),
        c: change('1', null, '1Y', 5),
        e: change('1', null, null, 7),
        f: change('1', '3X', null, 8),
      });
    });
  });

  it('a deleted left row deletes its result, and is not reached any more', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-a-b', {
        a: placed('1', order('x', 1), null, 3),
        b: placed('1', null, order('x', 1), 4),
      });
      const products = cold('x---y', {
        x: product('x', 'X', null, 1),
        y: product('x', 'X2', 'X', 9),
      });
      expectObservable(orders.pipe(inner(products))).toBe('-a-b', {
        a: change('1', '1X', null, 3),
        b: change('1', null, '1X', 4),
      });
    });
  });

  it('a replayed row joins again', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('-ab', {
        a: placed('1', order('x', 1), null, 3),
        b: placed('1', order('x', 1), order('x', 1), 3),
      });
      const products = cold('x', { x: product('x', 'X', null, 1) });
      expectObservable(orders.pipe(inner(products))).toBe('-ab', {
        a: change('1', '1X', null, 3),
        b: change('1', '1X', '1X', 3),
      });
    });
  });

  it('throws when a function throws', () => {
    const failures: unknown[] = [];
    const fails = (): string => {
      throw new Error('foreign key');
    };
    marbles(({ cold, flush }) => {
      cold('a', { a: placed('1', order('x', 1), null, 1) })
        .pipe(foreignKeyJoin('order-product', noProducts, fails, titled))
        .subscribe({ error: (error: unknown) => failures.push(error) });
      flush();
    });
    expect(failures).toEqual([new Error('foreign key')]);
  });
});
