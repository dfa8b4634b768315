import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A broker with a listener for each way of being asked who one is. */
export interface SecureBroker {
  readonly plaintext: string;
  readonly sasl: string;
  readonly tls: string;
  readonly saslTls: string;
  /** The certificate to trust. */
  readonly ca: string;
  stop(): Promise<void>;
}

const password = 'changeit';
const jaas = `KafkaServer {
  org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";
  org.apache.kafka.common.security.scram.ScramLoginModule required;
};
`;

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            resolve((server.address() as { port: number }).port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function certificate(folder: string): string {
  const store = ['-keystore', path.join(folder, 'keys.p12'), '-storepass', password];
  const key = ['-genkeypair', '-alias', 'broker', '-keyalg', 'RSA', '-storetype', 'PKCS12'];
  const name = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost', '-validity', '30'];
  execFileSync('keytool', [...key, ...name, ...store], { stdio: 'ignore' });
  const pem = path.join(folder, 'ca.pem');
  const out = ['-exportcert', '-rfc', '-alias', 'broker', '-file', pem];
  execFileSync('keytool', [...out, ...store], { stdio: 'ignore' });
  return readFileSync(pem, 'utf8');
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk;
      if (said.includes('ready on')) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('exit', () => reject(new Error(`The broker did not start:\n${said}`)));
  });
}

/**
 * Starts one with user `alice` (PLAIN, password `secret`); SCRAM users are added by Kafka's own
 * tool.
 */
export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rxkstreams-secure-'));
  const ca = certificate(folder);
  const jaasFile = path.join(folder, 'jaas.conf');
  writeFileSync(jaasFile, jaas);
  const names = ['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL'];
  const ports = await freePorts(names.length + 1);
  const listeners = names.map((name, n) => `${name}://localhost:${ports[n]}`);
  const controller = `localhost:${ports[names.length]}`;
  const overrides = {
    listeners: [...listeners, `CONTROLLER://${controller}`].join(','),
    'advertised.listeners': listeners.join(','),
    'controller.quorum.voters': `1@${controller}`,
    'listener.security.protocol.map': [...names, 'CONTROLLER:PLAINTEXT']
      .map((name) => (name.includes(':') ? name : `${name}:${name}`))
      .join(','),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'ssl.keystore.location': path.join(folder, 'keys.p12'),
    'ssl.keystore.password': password,
    'ssl.keystore.type': 'PKCS12',
  };
  const args = Object.entries(overrides).flatMap(([name, value]) => [
    '--override',
    `${name}=${value}`,
  ]);
  const child = spawn(process.execPath, ['tools/kafka/main.mjs', '--port', '0', ...args], {
    env: { ...process.env, JAVA_TOOL_OPTIONS: `-Djava.security.auth.login.config=${jaasFile}` },
  });
  await ready(child);
  const [plaintext, sasl, tls, saslTls] = ports.map((port) => `localhost:${port}`) as [
    string,
    string,
    string,
    string,
  ];
  return {
    plaintext,
    sasl,
    tls,
    saslTls,
    ca,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
