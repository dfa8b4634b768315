import type { KafkaConnection, Producer } from '../client/KafkaClient.ts';
import type { Guarantee } from './Guarantee.ts';

/** A thread's producers; one and the same where the guarantee needs no second. */
export interface ThreadProducers {
  /** Of users' topics. */
  readonly outputs: Producer;
  /** Of changelogs and repartitions. */
  readonly internal: Producer;
}

interface ProducerSettings {
  readonly connection: KafkaConnection;
  readonly applicationId: string;
  readonly process: string;
  readonly guarantee: Guarantee;
  readonly transactionTimeoutMs: number | undefined;
}

export async function makeProducers(o: ProducerSettings): Promise<ThreadProducers> {
  const { connection, guarantee, transactionTimeoutMs } = o;
  const transactionalId = transactionalIdOf(o);
  if (transactionalId === null) {
    const both = connection.producer();
    return { outputs: both, internal: both };
  }
  const internal = connection.producer({
    transactionalId,
    ...(transactionTimeoutMs === undefined ? {} : { transactionTimeoutMs }),
  });
  await internal.init();
  const outputs = guarantee === 'exactly-once' ? internal : connection.producer();
  return { outputs, internal };
}

/** Null without transactions. */
export function transactionalIdOf(o: {
  readonly applicationId: string;
  readonly process: string;
  readonly guarantee: Guarantee;
}): string | null {
  return o.guarantee === 'at-least-once' ? null : transactionalIdFor(o.applicationId, o.process);
}

export function transactionalIdFor(applicationId: string, process: string): string {
  return `${applicationId}-${process}-0`;
}
