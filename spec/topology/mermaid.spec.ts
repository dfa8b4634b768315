import { describe, expect, it } from '@jest/globals';
import { stream, string, to, topic, topology } from 'rxkstreams';

describe('toMermaid', () => {
  it('draws names that differ in their marks alone as two', () => {
    const copying = topology(() => {
      stream(topic('a-b', string())).pipe(to(topic('a.b', string())));
    });
    const lines = copying.toMermaid().split('\n');
    const idOf = (name: string): string | undefined =>
      lines.map((line) => /^ *(\w+)\[\/"(.*)"\/\]$/.exec(line)).find((m) => m?.[2] === name)?.[1];
    const [from, into] = [idOf('a-b'), idOf('a.b')];
    expect(new Set([from, into, undefined]).size).toBe(3);
    const edges = lines.filter((line) => line.includes('-->'));
    expect(edges[0]?.trim().startsWith(`${from} -->`)).toBe(true);
    expect(edges.at(-1)?.trim().endsWith(`--> ${into}`)).toBe(true);
  });
});
