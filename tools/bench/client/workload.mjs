// What both clients do alike: the records they send, the pace they keep, the figures they give.
import { Buffer } from 'node:buffer';

export const partitions = 4;
/** Records of one call of `send`. */
export const perSend = 5_000;
/** Calls of `send` under way. */
export const sendsInFlight = 2;

const valueBytes = 100;
const keys = Array.from({ length: 10_000 }, (_, n) => Buffer.from(`k${`${n}`.padStart(7, '0')}`));
const values = Array.from({ length: 1_000 }, (_, n) =>
  Buffer.from(JSON.stringify({ n, pad: 'x'.repeat(valueBytes) }).slice(0, valueBytes)),
);

export const keyAt = (n) => keys[n % keys.length];
export const valueAt = (n) => values[n % values.length];

/** Sends call after call, so many under way at a time; `send(from, to)` sends these records. */
export async function sendInCalls(records, send, most = perSend) {
  const underWay = new Set();
  for (let from = 0; from < records; from += most) {
    const call = send(from, Math.min(records, from + most)).then(() => underWay.delete(call));
    underWay.add(call);
    if (underWay.size >= sendsInFlight) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

/** Begins a measurement; the answer ends it. */
export function measuring(records) {
  const at = performance.now();
  const cpu = process.cpuUsage();
  return (latencies = null) => {
    const seconds = (performance.now() - at) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      records,
      recordsPerSecond: Math.round(records / seconds),
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      cpuSeconds: Math.round((user + system) / 1e4) / 100,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1_024),
    };
  };
}

function quantile(latencies, q) {
  if (latencies === null) return null;
  const sorted = Float64Array.from(latencies).sort();
  return Math.round(sorted[Math.floor(q * (sorted.length - 1))] * 100) / 100;
}

const perSecond = 1_000;
const warmUpMs = 2_000;
const timedMs = 10_000;

/**
 * Sends `perSecond` records, one at a time, each with the moment it was sent; calls `arrived` back
 * for
 * each that comes. Answers the figures of those sent after the warm-up.
 */
export async function paced(send, untilAllCame) {
  const latencies = [];
  const total = ((warmUpMs + timedMs) * perSecond) / 1_000;
  const start = performance.now();
  let sent = 0;
  let came = 0;
  let finish = null;
  let end = null;
  const all = new Promise((resolve) => {
    end = resolve;
  });
  const arrived = (value) => {
    const sentAt = new DataView(value.buffer, value.byteOffset).getFloat64(0);
    if (sentAt - start >= warmUpMs) latencies.push(performance.now() - sentAt);
    came++;
    if (came === total) end();
  };
  untilAllCame(arrived);
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - start) * perSecond) / 1_000));
    for (; sent < due; sent++) {
      if (finish === null && sent >= warmUpMs) finish = measuring(total - sent);
      const value = Buffer.allocUnsafe(valueBytes);
      value.writeDoubleBE(performance.now(), 0);
      send(sent, value);
    }
    if (sent === total) clearInterval(timer);
  }, 1);
  await all;
  return finish(latencies);
}
