import { systemClock, systemRandom } from '../../model/clock.ts';
import type { ConnectOptions, KafkaClient, KafkaConnection } from '../KafkaClient.ts';
import { KafkajsConnection } from './KafkajsConnection.ts';
import type { KafkajsOptions } from './KafkajsOptions.ts';
import { KafkajsWire } from './KafkajsWire.ts';

export type { KafkajsOptions, SaslOptions } from './KafkajsOptions.ts';

/**
 * A Kafka cluster, reached over the sockets of the package `kafkajs` (2.2.x, to be installed beside
 * this one), whose `ssl` and `sasl` options are passed on as they are.
 *
 * `connect` rejects with `BROKER_UNREACHABLE` when no broker answers, `AUTHENTICATION_FAILED` when
 * credentials or certificates are refused, `NOT_SUPPORTED` when kafkajs is missing or another
 * version, `INVALID_OPTION` when an address is not `host:port`.
 *
 * @example
 * import { kafkajs } from 'rxkstreams/kafkajs';
 *
 * const client = kafkajs({ brokers: ['localhost:9092'] });
 * typeof client.connect; // => 'function'
 */
export function kafkajs(options: KafkajsOptions): KafkaClient {
  return {
    async connect(o: ConnectOptions = {}): Promise<KafkaConnection> {
      const wire = new KafkajsWire({
        options,
        clientId: o.clientId ?? options.clientId ?? 'rxkstreams',
        clock: o.clock ?? systemClock,
        random: o.random ?? systemRandom,
      });
      try {
        await wire.connect();
      } catch (error) {
        await wire.close();
        throw error;
      }
      return new KafkajsConnection(wire);
    },
  };
}
