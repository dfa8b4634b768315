import { KafkaError } from '../../errors.ts';
import type { KafkaClient } from '../KafkaClient.ts';
import type { KafkajsOptions } from './KafkajsOptions.ts';

export type { KafkajsOptions, SaslOptions } from './KafkajsOptions.ts';

/** What stands for `kafkajs` in a browser, where there are no sockets: throws `NOT_SUPPORTED`. */
export function kafkajs(_options: KafkajsOptions): KafkaClient {
  throw new KafkaError(
    'NOT_SUPPORTED',
    'A browser cannot connect to Kafka. Use the memory cluster there, or run this in Node.',
  );
}
