import { describe, expect, it } from '@jest/globals';
import { LaneProgress } from '../../lib/runtime/LaneProgress.ts';
import {
  laneHeader,
  progressHeader,
  readLaneHeader,
  upstreamTimeHeader,
  withoutLaneHeader,
} from '../../lib/runtime/laneHeader.ts';

const own = ['trace', new Uint8Array([1])] as const;

describe('the lane header', () => {
  it('tells the upstream task, and leaves the headers of users alone', () => {
    const headers = [own, laneHeader(70_000)];
    expect(readLaneHeader(headers)).toBe(70_000);
    expect(withoutLaneHeader(headers)).toEqual([own]);
  });

  it('tells how far the upstream task is', () => {
    const progress = { upstream: 3, time: 1.7e12, atEnd: true };
    expect(readLaneHeader([progressHeader(progress)])).toEqual(progress);
  });

  it('tells the time of the only upstream task, where its records do not show it', () => {
    const headers = [own, upstreamTimeHeader(1.7e12)];
    expect(readLaneHeader(headers)).toEqual({ upstreamTime: 1.7e12 });
    expect(withoutLaneHeader(headers)).toEqual([own]);
  });

  it('is not seen where there is none', () => {
    expect(readLaneHeader([])).toBeNull();
    expect(readLaneHeader([own])).toBeNull();
    expect(readLaneHeader([['rxk', new Uint8Array(5)]])).toBeNull();
    expect(readLaneHeader([['rxk', null]])).toBeNull();
  });
});

describe('LaneProgress', () => {
  it('is at its end when every lane said so last, and as far as the slowest', () => {
    const lanes = new LaneProgress(2);
    lanes.say(0, 10, true);
    expect([lanes.allAtEnd, lanes.time]).toEqual([false, -1]);
    lanes.say(1, 7, true);
    expect([lanes.allAtEnd, lanes.time]).toEqual([true, 7]);
    lanes.record(1, 20);
    expect([lanes.allAtEnd, lanes.time]).toEqual([false, 10]);
    lanes.say(1, 5, true);
    expect([lanes.allAtEnd, lanes.time]).toEqual([true, 10]);
  });

  it('does not mind who is not one of its lanes', () => {
    const lanes = new LaneProgress(1);
    lanes.record(-1, 5);
    lanes.say(7, 5, true);
    expect([lanes.allAtEnd, lanes.time]).toEqual([false, -1]);
  });
});
