import type { Topic } from '../../serde/handles.ts';
import type { AnySerde } from '../../serde/Serde.ts';

/** What the digits stand for in the lanes of one topic. */
export interface Values {
  readonly topic: string;
  readonly serde: AnySerde;
  readonly byDigit: ReadonlyMap<number, unknown>;
}

/**
 * What the digits stand for in the lanes of this topic. A topic without values of its own takes a
 * digit as the only topic of the same serde has it that names it; else a digit is the value itself.
 */
export function values<K, V>(
  topic: Topic<K, V>,
  values: Readonly<Record<number, NoInfer<V>>>,
): Values {
  return {
    topic: topic.topic,
    serde: topic.value,
    byDigit: new Map(Object.entries(values).map(([digit, value]) => [Number(digit), value])),
  };
}
