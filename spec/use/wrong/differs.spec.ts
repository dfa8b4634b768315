import { describe, expect, it } from '@jest/globals';
import { mapValues, stream, string, to, topic, topology } from 'rxkstreams';
import { topologyTest } from 'rxkstreams/testing';

const words = topic('words', string());
const lines = topic('lines', string());
const differs = {
  name: 'TopologyError',
  code: 'TOPOLOGY_NOT_DETERMINISTIC',
  message: expect.stringMatching(
    /node 1 was to\(lines\), then mapValues.*must not depend on anything that changes/,
  ),
};

describe('a factory that differs the second time', () => {
  it('is found out while it is planned', () => {
    let runs = 0;
    const changing = (): unknown =>
      topology(() => {
        runs += 1;
        const source = stream(words);
        if (runs === 1) source.pipe(to(lines));
        else
          source.pipe(
            mapValues((value) => value),
            to(lines),
          );
      });
    expect(changing).toThrow(expect.objectContaining(differs));
  });

  it('is found out when a task is made', async () => {
    let isShouting = false;
    const changing = topology(() => {
      const source = stream(words);
      if (isShouting)
        source.pipe(
          mapValues((value) => value.toUpperCase()),
          to(lines),
        );
      else source.pipe(to(lines));
    });
    isShouting = true;
    await expect(topologyTest(changing)).rejects.toMatchObject(differs);
  });

  it('must not be async either', () => {
    const later = (): unknown =>
      topology((async () => {
        stream(words).pipe(to(lines));
      }) as () => void);
    expect(later).toThrow(/factory of a topology is async: it must be synchronous/);
  });
});
