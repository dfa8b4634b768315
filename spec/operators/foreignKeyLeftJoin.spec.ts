import { describe, it } from '@jest/globals';
import { NEVER, type Observable, type OperatorFunction } from 'rxjs';
import type { Change } from '../../lib/model/record.ts';
import { foreignKeyLeftJoin } from '../../lib/operators/foreignKeyLeftJoin.ts';
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
const left = (products: Observable<Products>): Joined =>
  foreignKeyLeftJoin('order-product', products, skuOf, titled);

describe('foreignKeyLeftJoin', () => {
  itIsAnOperator<Orders>(() => left(noProducts), placed('1', order('x', 1), null, 1), true);

  it('a left row without a right one joins null, also by a null foreign key', () => {
    marbles(({ cold, expectObservable }) => {
      const products = cold('--x', { x: product('x', 'X', null, 3) });
      const orders = cold('ab-cd', {
        a: placed('1', order('x', 1), null, 1),
        b: placed('1', order('x', 1), order('x', 1), 2),
        c: placed('1', order(null, 2), order('x', 1), 8),
        d: placed('1', null, order(null, 2), 9),
      });
      expectObservable(orders.pipe(left(products))).toBe('abxcd', {
        a: change('1', '1null', null, 1),
        b: change('1', '1null', '1null', 2),
        x: change('1', '1X', '1null', 3),
        c: change('1', '2null', '1X', 8),
        d: change('1', null, '2null', 9),
      });
    });
  });

  it('a deletion of what never was is silent', () => {
    marbles(({ cold, expectObservable }) => {
      const orders = cold('a', { a: placed('1', null, null, 1) });
      expectObservable(orders.pipe(left(noProducts))).toBe('-');
    });
  });
});
