import type { Topic } from '../../serde/handles.ts';

/** What the digits stand for in the lanes of one topic. */
export interface Values {
  readonly topic: string;
  readonly byDigit: ReadonlyMap<number, unknown>;
}

/**
 * What the digits stand for in the lanes of this topic. A topic without values of its own takes a digit
 * as the only other topic has it that gives it a meaning; else a digit is the value itself.
 */
export function values<K, V>(topic: Topic<K, V>, values: Readonly<Record<number, V>>): Values {
  return {
    topic: topic.topic,
    byDigit: new Map(Object.entries(values).map(([digit, value]) => [Number(digit), value])),
  };
}
