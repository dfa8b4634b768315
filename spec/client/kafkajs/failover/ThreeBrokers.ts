import { type ChildProcess, spawn } from 'node:child_process';

// A killed broker is missed after three seconds, not nine: the spec waits for that once a fault.
const overrides = [
  'broker.session.timeout.ms=3000',
  'broker.heartbeat.interval.ms=500',
  'replica.lag.time.max.ms=5000',
  'group.min.session.timeout.ms=1000',
];

/** Three brokers on free ports, each killed and started again by `npm run kafka`'s own orders. */
export class ThreeBrokers {
  readonly #script: ChildProcess;
  readonly #pids = new Map<number, string>();
  #said = '';
  #heard: (() => void)[] = [];
  brokers: readonly string[] = [];

  private constructor(script: ChildProcess) {
    this.#script = script;
    const hear = (chunk: Buffer): void => {
      this.#said += chunk;
      for (const [, id, state] of this.#said.matchAll(/^broker (\d+) \S+ (.+)\n/gm)) {
        this.#pids.set(Number(id), state ?? '');
      }
      for (const wake of this.#heard.splice(0)) wake();
    };
    script.stdout?.on('data', hear);
    script.stderr?.on('data', hear);
    script.on('exit', () => {
      for (const wake of this.#heard.splice(0)) wake();
    });
  }

  static async start(): Promise<ThreeBrokers> {
    const given = overrides.flatMap((override) => ['--override', override]);
    const args = ['tools/kafka/main.mjs', '--brokers', '3', '--port', '0', ...given];
    const cluster = new ThreeBrokers(spawn(process.execPath, args));
    await cluster.#until(() => cluster.#pids.size === 3);
    const [, addresses = ''] = /ready on (\S+)\n/.exec(cluster.#said) ?? [];
    cluster.brokers = addresses.split(',');
    return cluster;
  }

  /** `kill -9`. */
  async kill(id: number): Promise<void> {
    this.#script.stdin?.write(`kill ${id}\n`);
    await this.#until(() => this.#pids.get(id) === 'ended');
  }

  async restart(id: number): Promise<void> {
    this.#script.stdin?.write(`start ${id}\n`);
    await this.#until(() => this.#pids.get(id)?.startsWith('pid') === true);
  }

  /** It neither answers nor hangs up, until `thaw`. */
  freeze(id: number): void {
    this.#script.stdin?.write(`freeze ${id}\n`);
  }

  thaw(id: number): void {
    this.#script.stdin?.write(`thaw ${id}\n`);
  }

  async stop(): Promise<void> {
    if (this.#script.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#script.once('exit', resolve));
    this.#script.kill('SIGTERM');
    await ended;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#script.exitCode !== null) throw new Error(`The brokers ended:\n${this.#said}`);
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }
}
