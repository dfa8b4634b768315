import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(__dirname, '../..');

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

interface Script {
  readonly npm: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** `npm run kafka`, up to its first line. */
async function start(port: number): Promise<Script> {
  const env = { ...process.env, KAFKA_PORT: `${port}` };
  const npm = spawn('npm', ['run', 'kafka'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise<number | null>((resolve) => npm.on('exit', resolve));
  await new Promise<void>((resolve) => {
    npm.stdout?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('\n')) resolve();
    });
    npm.on('exit', () => resolve());
  });
  return { npm, said: () => said, ended };
}

/** The broker's own process, and the folder it runs in. */
function brokerOf(script: Script): { pid: number; folder: string } {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const below = new Set([`${script.npm.pid}`]);
  for (const [pid, parent] of rows) if (pid && parent && below.has(parent)) below.add(pid);
  const java = rows.find((row) => below.has(row[0] ?? '') && row.includes('kafka.Kafka'));
  return { pid: Number(java?.[0]), folder: path.dirname(java?.at(-1) ?? '/none/none') };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('npm run kafka', () => {
  it('prints one line when it is ready, stops on SIGTERM, and leaves nothing behind', async () => {
    const port = await freePort();
    const script = await start(port);
    expect(script.said()).toMatch(new RegExp(`^kafka [\\d.]+ ready on localhost:${port}\n$`));
    const { pid, folder } = brokerOf(script);
    expect(isRunning(pid)).toBe(true);
    expect(readFileSync(path.join(folder, 'node-1.properties'), 'utf8')).toContain(`:${port}`);
    script.npm.kill('SIGTERM');
    expect(await script.ended).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it('kills a broker that does not end by itself', async () => {
    const script = await start(await freePort());
    const { pid, folder } = brokerOf(script);
    process.kill(pid, 'SIGSTOP');
    const began = Date.now();
    script.npm.kill('SIGTERM');
    await script.ended;
    expect(Date.now() - began).toBeGreaterThan(9_000);
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  });

  it('says which port is taken', async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const script = await start(port);
    expect(await script.ended).toBe(1);
    server.close();
  });
});
