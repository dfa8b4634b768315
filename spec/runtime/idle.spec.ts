import { describe, expect, it } from '@jest/globals';
import { repartitionBy } from '../../lib/operators/repartitionBy.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { Bench, input, output } from './support/harness.ts';

describe('idle', () => {
  it.each([1, 2, 3])('comes behind a repartition that %i tasks write', async (tasks) => {
    const bench = new Bench({ in: tasks, out: 1 });
    bench.send('in', 'a1 b2 c3');
    const app = await bench.started(() => {
      stream(input).pipe(
        repartitionBy('again', (value) => value),
        to(output),
      );
    });
    let isIdle = false;
    void app.idle().then(() => {
      isIdle = true;
    });
    await bench.clock.advance(5_000);
    expect(isIdle).toBe(true);
    expect(bench.read('out').split(' ').sort().join(' ')).toBe('11 22 33');
    await bench.run(app.close());
  });
});
