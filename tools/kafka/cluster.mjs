import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerClasspath, run } from './classpath.mjs';
import { formatProperties, serverProperties } from './serverProperties.mjs';

const startWithinMs = 90_000;
const stopWithinMs = 10_000;

const java = process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin/java') : 'java';
const quiet = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS',
];
const saysStarted = ['-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info'];

/** A port nobody listens on at the moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function isTaken(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

// The tool reads an id that begins with a dash as an option.
const clusterId = () => randomBytes(16).toString('base64url').replace(/^[-_]/, 'k');

async function planNodes(brokers, port) {
  const nodes = [];
  for (let id = 1; id <= brokers; id += 1) {
    const nodePort = port === 0 ? await freePort() : port + id - 1;
    if (await isTaken(nodePort)) {
      throw new Error(`Port ${nodePort} is taken: choose another one by KAFKA_PORT.`);
    }
    nodes.push({ id, port: nodePort, controllerPort: await freePort() });
  }
  return nodes;
}

/** One broker: a process that may end and be started again on the same port and the same log. */
class Node {
  #child = null;
  #ended = Promise.resolve();
  #isExpected = false;

  constructor({ id, port, launch, log, onEnd }) {
    this.id = id;
    this.address = `localhost:${port}`;
    this.launch = launch;
    this.log = log;
    this.onEnd = onEnd;
  }

  /** Null while it does not run. */
  get pid() {
    return this.#child?.pid ?? null;
  }

  tail() {
    return readFileSync(this.log, 'utf8').split('\n').slice(-40).join('\n');
  }

  /** Resolves when it serves. */
  async start() {
    if (this.#child !== null) return;
    // What is in the log from an earlier run says nothing about this one.
    const from = existsSync(this.log) ? statSync(this.log).size : 0;
    this.#spawn();
    const until = Date.now() + startWithinMs;
    while (!readFileSync(this.log).subarray(from).includes('Kafka Server started')) {
      if (this.#child === null) {
        throw new Error(`The broker ended while it started:\n${this.tail()}`);
      }
      if (Date.now() > until) throw new Error(`The broker did not start in time:\n${this.tail()}`);
      await sleep(50);
    }
  }

  /** Ends it without warning, as a loss of power does. */
  async kill() {
    this.#isExpected = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** It neither answers nor hangs up, as when its computer stalls; until `thaw`. */
  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  async stop() {
    this.#isExpected = true;
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await this.#ended;
    clearTimeout(timer);
  }

  #spawn() {
    const child = this.launch();
    this.#child = child;
    this.#isExpected = false;
    this.#ended = new Promise((resolve) => child.once('exit', resolve)).then(() => {
      this.#child = null;
      this.onEnd(this, this.#isExpected);
    });
  }
}

async function format(classpath, config, id) {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', config];
  const { code, said } = await run(java, [...quiet, '-Xmx256m', '-cp', classpath, ...tool]);
  if (code !== 0) throw new Error(`The storage could not be formatted:\n${said}`);
}

// Several brokers on one computer start in half the time when their code is compiled once, not
// twice.
const many = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

function launch(classpath, config, log, folder, isOneOfMany) {
  const output = openSync(log, 'a');
  const heap = ['-Xms256m', '-Xmx768m', ...(isOneOfMany ? many : [])];
  const child = spawn(
    java,
    [...quiet, ...saysStarted, ...heap, '-cp', classpath, 'kafka.Kafka', config],
    {
      cwd: folder,
      stdio: ['ignore', output, output],
    },
  );
  closeSync(output);
  return child;
}

/**
 * Starts Kafka on this computer and resolves when it serves. One process per broker, KRaft,
 * everything in a temporary folder that `stop` deletes. Each of `nodes` may be killed and started
 * again by itself; `onEnd` is called when one ends that nobody asked to.
 */
export async function startCluster(o) {
  const { version, port = 0, brokers = 1, overrides = {}, signal, onEnd = () => {} } = o;
  const plan = await planNodes(brokers, port);
  const classpath = await brokerClasspath(version);
  const folder = mkdtempSync(path.join(tmpdir(), 'rxkstreams-kafka-'));
  const id = clusterId();
  let nodes = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const configs = plan.map((node) => {
      const own = path.join(folder, `node-${node.id}`);
      mkdirSync(own);
      const config = path.join(folder, `node-${node.id}.properties`);
      const properties = serverProperties({ node, nodes: plan, folder: own, overrides });
      writeFileSync(config, formatProperties(properties));
      return config;
    });
    await Promise.all(configs.map((config) => format(classpath, config, id)));
    signal?.throwIfAborted();
    nodes = plan.map((planned, n) => {
      const log = configs[n].replace(/properties$/, 'log');
      const start = () => launch(classpath, configs[n], log, folder, brokers > 1);
      return new Node({
        ...planned,
        launch: start,
        log,
        onEnd: (node, isExpected) => isExpected || onEnd(node),
      });
    });
    signal?.addEventListener('abort', () => nodes.forEach((node) => void node.stop()));
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { version, brokers: nodes.map(({ address }) => address).join(','), nodes, stop };
}
