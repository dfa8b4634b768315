import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KafkajsOptions, kafkajs } from '../../../lib/client/kafkajs/index.ts';
import { java } from './interop/javaTools.ts';
import { type SecureBroker, startSecureBroker } from './secureBroker.ts';

type Sasl = NonNullable<KafkajsOptions['sasl']>;

const plain = (password: string): Sasl => ({ mechanism: 'plain', username: 'alice', password });
const scram = (password: string): Sasl => ({
  mechanism: 'scram-sha-512',
  username: 'bob',
  password,
});

let broker: SecureBroker;

beforeAll(async () => {
  broker = await startSecureBroker();
  await java('kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', broker.plaintext, '--alter', '--entity-type', 'users'],
    ...['--entity-name', 'bob', '--add-config', 'SCRAM-SHA-512=[password=geheim]'],
  ]);
}, 120_000);

afterAll(() => broker.stop());

async function topicsBy(options: KafkajsOptions): Promise<readonly string[]> {
  const connection = await kafkajs({ connectionTimeoutMs: 5_000, ...options }).connect();
  try {
    return await connection.admin.listTopics();
  } finally {
    await connection.close();
  }
}

describe('security', () => {
  it.each<[string, () => KafkajsOptions]>([
    ['SASL PLAIN', () => ({ brokers: [broker.sasl], sasl: plain('secret') })],
    ['SASL SCRAM-SHA-512', () => ({ brokers: [broker.sasl], sasl: scram('geheim') })],
    ['TLS', () => ({ brokers: [broker.tls], ssl: { ca: [broker.ca] } })],
    [
      'SCRAM over TLS',
      () => ({ brokers: [broker.saslTls], ssl: { ca: [broker.ca] }, sasl: scram('geheim') }),
    ],
  ])('lets in by %s', async (_, options) => {
    expect(await topicsBy(options())).toEqual([]);
  });

  it.each<[string, () => KafkajsOptions, string, string]>([
    [
      'a wrong password (PLAIN)',
      () => ({ brokers: [broker.sasl], sasl: plain('wrong') }),
      'AUTHENTICATION_FAILED',
      'Invalid username or password',
    ],
    [
      'a wrong password (SCRAM)',
      () => ({ brokers: [broker.sasl], sasl: scram('wrong') }),
      'AUTHENTICATION_FAILED',
      'invalid credentials',
    ],
    [
      'an unknown certificate',
      () => ({ brokers: [broker.tls], ssl: true }),
      'AUTHENTICATION_FAILED',
      'self-signed certificate',
    ],
    [
      'no credentials where some are expected',
      () => ({ brokers: [broker.sasl] }),
      'BROKER_UNREACHABLE',
      'SASL',
    ],
    [
      'plain text where TLS is expected',
      () => ({ brokers: [broker.tls] }),
      'BROKER_UNREACHABLE',
      'TLS',
    ],
  ])('fails at the start on %s, with the cause', async (_, options, code, cause) => {
    await expect(topicsBy(options())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(cause),
    });
  });
});
