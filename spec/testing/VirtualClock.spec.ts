import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../lib/testing/VirtualClock.ts';

describe('VirtualClock', () => {
  it('fires timers in the order of their times, equal ones in the order of setting', async () => {
    const clock = new VirtualClock({ startMs: 100 });
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(31, note('d'));
    await clock.advance(30);
    expect(fired).toEqual(['a@110', 'b@110', 'c@120']);
    expect(clock.now()).toBe(130);
    expect(clock.nextAt).toBe(131);
    await clock.advanceTo(131);
    expect(fired).toHaveLength(4);
    expect(clock.timers).toBe(0);
  });

  it('fires what a timer sets on the way', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const tick = (): void => {
      fired.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('does not fire what was cancelled, even by a timer of the same instant', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    let cancel = (): void => {};
    clock.after(5, () => {
      fired.push('first');
      cancel();
    });
    cancel = clock.after(5, () => fired.push('second'));
    await clock.advance(10);
    expect(fired).toEqual(['first']);
  });

  it('settles promises, breaths and timers of zero, however deep', async () => {
    const clock = new VirtualClock();
    let isDone = false;
    const work = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        await Promise.resolve();
        await clock.breathe();
        await new Promise<void>((resolve) => clock.after(0, resolve));
      }
      isDone = true;
    };
    void work();
    await clock.settle();
    expect(isDone).toBe(true);
    expect(clock.now()).toBe(0);
  });

  it('waits for tracked work', async () => {
    const clock = new VirtualClock();
    let isDone = false;
    const slow = new Promise<void>((resolve) => setTimeout(resolve, 20));
    void clock.track(slow).then(() => {
      isDone = true;
    });
    await clock.settle();
    expect(isDone).toBe(true);
  });

  it('says when an instant never ends', async () => {
    const clock = new VirtualClock({ maxRounds: 50 });
    let isOver = false;
    const spin = async (): Promise<void> => {
      while (!isOver) await clock.breathe();
    };
    const spinning = spin();
    await expect(clock.settle()).rejects.toThrow('still ready after 50 rounds');
    isOver = true;
    void spinning;
  });

  it('does not go back', async () => {
    const clock = new VirtualClock({ startMs: 10 });
    await expect(clock.advanceTo(9)).rejects.toThrow('does not go back');
  });
});
