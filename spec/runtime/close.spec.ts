import { describe, expect, it } from '@jest/globals';
import { mapValuesAsync } from '../../lib/operators/mapValuesAsync.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { Bench, input, output } from './support/harness.ts';

describe('close', () => {
  it('aborts a call that does not end in time, and says that it waited for one', async () => {
    const bench = new Bench();
    let signal: AbortSignal | undefined;
    const app = await bench.started(() => {
      stream(input).pipe(
        mapValuesAsync(
          (_value, _key, call) => {
            signal = call.signal;
            return new Promise<string>(() => {});
          },
          { concurrency: 1, order: 'partition', timeoutMs: 600_000 },
        ),
        to(output),
      );
    });
    bench.send('in', 'a1');
    await bench.clock.advance(1_000);
    expect(signal?.aborted).toBe(false);
    await expect(bench.run(app.close({ timeoutMs: 2_000 }))).rejects.toMatchObject({
      code: 'CLOSE_TIMEOUT',
      message: expect.stringMatching(/2000 ms.*mapValuesAsync.*aborted.*timeoutMs/),
    });
    expect(signal?.aborted).toBe(true);
    expect(app.state).toBe('closed');
  });
});
