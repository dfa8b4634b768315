import { spawn } from 'node:child_process';
import path from 'node:path';

export interface Broker {
  readonly address: string;
  stop(): Promise<void>;
}

/** A broker of its own, for what cannot be set topic by topic. */
export function startBroker(
  properties: Readonly<Record<string, string | number>>,
): Promise<Broker> {
  const overrides = Object.entries(properties).flatMap(([name, value]) => {
    return ['--override', `${name}=${value}`];
  });
  const file = path.resolve(__dirname, '../../tools/kafka/main.mjs');
  const child = spawn(process.execPath, [file, '--port', '0', ...overrides], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk;
      const address = /ready on (\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve({ address, stop });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(() => reject(new Error(`The broker did not start:\n${said}`)));
  });
}
