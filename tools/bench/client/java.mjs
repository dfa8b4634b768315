// Kafka's own perf tools, beside ours: their rates are those they print, as they are meant to be
// read.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toolsClasspath } from '../../kafka/classpath.mjs';

const version = process.env.KAFKA_VERSION ?? '4.3.0';
const producerTool = 'org.apache.kafka.tools.ProducerPerformance';
const consumerTool = 'org.apache.kafka.tools.ConsumerPerformance';

/** The jars of the tools; null where there is no Java or they cannot be fetched. */
export async function javaTools() {
  try {
    return await toolsClasspath(version);
  } catch (error) {
    process.stderr.write(`Without Java's tools: ${error.message.split('\n')[0]}\n`);
    return null;
  }
}

/**
 * Larger batches than its defaults, as serve it best (128 KiB, linger 10 ms). Its keys are null.
 */
export async function javaProduce(classpath, { brokers, topic, records }) {
  const properties = ['acks=all', 'batch.size=131072', 'linger.ms=10'];
  const { said, ...used } = await java(classpath, producerTool, [
    ...['--bootstrap-server', brokers, '--topic', topic, '--num-records', `${records}`],
    ...['--record-size', '108', '--throughput', '-1'],
    ...properties.flatMap((property) => ['--command-property', property]),
  ]);
  const total = said.split('\n').findLast((line) => line.includes('records/sec'));
  const rate = Number(/([\d.]+) records\/sec/.exec(total ?? '')?.[1]);
  return figures(records, rate, used);
}

/** Its rate while it fetches, the time to join left out. */
export async function javaConsume(classpath, { brokers, topic, records }) {
  const { said, ...used } = await java(classpath, consumerTool, [
    ...['--bootstrap-server', brokers, '--topic', topic, '--num-records', `${records}`],
    ...['--group', `bench-java-${process.pid}-${topic}`, '--timeout', '60000'],
  ]);
  const line = said.split('\n').findLast((one) => /^\d{4}-/.test(one));
  const rate = Number(line?.split(',').at(-1));
  return figures(records, rate, used);
}

function figures(records, rate, { cpuSeconds, peakRssMb }) {
  if (!(rate > 0)) throw new Error("The perf tool's answer cannot be read.");
  const recordsPerSecond = Math.round(rate);
  return { records, recordsPerSecond, p50Ms: null, p99Ms: null, cpuSeconds, peakRssMb };
}

async function java(classpath, tool, args) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rxkstreams-bench-'));
  const log = path.join(folder, 'log4j2.properties');
  writeFileSync(log, 'rootLogger.level=error\n');
  try {
    return await watched(
      ['-Xmx512m', `-Dlog4j2.configurationFile=${log}`, '-cp', classpath, tool, ...args],
      tool,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs it to its end, looking at what it uses while it runs. */
function watched(args, tool) {
  return new Promise((resolve, reject) => {
    const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const used = { cpuSeconds: null, peakRssMb: null };
    const look = () => {
      const now = usage(child.pid);
      if (now !== null) Object.assign(used, now);
    };
    const timer = setInterval(look, 50);
    child.stdout.on('data', (chunk) => {
      said += chunk;
      look();
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve({ said, ...used });
      else reject(new Error(`${tool} ended with ${code}:\n${said}`));
    });
  });
}

const ticksPerSecond = 100;

/** What Linux knows of a process; null elsewhere, or when it is gone. */
function usage(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (peak === undefined) return null;
    const ticks = Number(stat[11]) + Number(stat[12]);
    return { cpuSeconds: ticks / ticksPerSecond, peakRssMb: Math.round(Number(peak) / 1_024) };
  } catch {
    return null;
  }
}
