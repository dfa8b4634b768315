import { refused } from './answers.ts';

const mostLetters = 249;

export function isTopicName(topic: string): boolean {
  if (topic === '.' || topic === '..') return false;
  return topic.length <= mostLetters && /^[a-zA-Z0-9._-]+$/.test(topic);
}

/** Refuses a name that Kafka refuses. */
export function checkTopicName(topic: string): void {
  if (isTopicName(topic)) return;
  const letters = `1 to ${mostLetters} of a-z, A-Z, 0-9, '.', '_' and '-'`;
  throw refused(17, `'${topic}' is no name for a topic: take ${letters}, but not '.' or '..'`);
}

/** Kafka's metrics write '.' as '_': so that they tell topics apart, no two names may then meet. */
export function metricsName(topic: string): string {
  return topic.replaceAll('.', '_');
}
