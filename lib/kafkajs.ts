import type { ConnectOptions, KafkaClient, KafkaConnection } from './client/KafkaClient.ts';
import type { KafkajsOptions } from './client/kafkajs/KafkajsOptions.ts';

/**
 * A Kafka cluster, by the kafkajs client. The adapter (and so the package `kafkajs`) is loaded when
 * it first connects: a program that only runs on the memory cluster needs neither, and the main
 * entry runs in a browser.
 *
 * @example
 * import { kafkajs } from 'rxkstreams';
 *
 * const client = kafkajs({ brokers: ['localhost:9092'] });
 * typeof client.connect; // => 'function'
 *
 * @see memoryKafka
 */
export function kafkajs(options: KafkajsOptions): KafkaClient {
  return {
    async connect(o?: ConnectOptions): Promise<KafkaConnection> {
      // By the package's own name: its entry has another side for browsers.
      const adapter = await import('rxkstreams/kafkajs');
      return adapter.kafkajs(options).connect(o);
    },
  };
}
