// `node --expose-gc tools/bench/soak.mjs --brokers host:port [--minutes 20] [--share 0.5]`: writes
// and
// reads at a share of the highest rate measured just before, while a second member joins the group
// and leaves it again, once a minute each in turn. Prints one JSON line every ten seconds, and one
// at the end: heap and handles in the second third, beside those in the last.
// Give the broker `log.retention.check.interval.ms=2000`, or the disk fills.
import { parseArgs } from 'node:util';
import { kafkajs } from 'rxkstreams/kafkajs';
import { keyAt, partitions, valueAt } from './client/workload.mjs';

const { values: options } = parseArgs({
  options: {
    brokers: { type: 'string', default: process.env.KAFKA_BROKERS ?? 'localhost:9092' },
    minutes: { type: 'string', default: '20' },
    share: { type: 'string', default: '0.5' },
  },
});
const peakSeconds = 10;
const tickMs = 10;
const mostUnderWay = 4;
const sampleMs = 10_000;
const rebalanceMs = 60_000;
const topic = `soak-${process.pid}-${Date.now().toString(36)}`;
const sleep = (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs));

const client = kafkajs({ brokers: options.brokers.split(',') });
const connection = await client.connect();
await connection.admin.createTopics([
  {
    topic,
    partitions,
    config: { 'retention.bytes': `${64 << 20}`, 'segment.bytes': `${16 << 20}` },
  },
]);
const producer = connection.producer();
const counts = { written: 0, read: 0, rebalances: 0 };
let underWay = 0;
let failure = null;

/** A member that reads until it is closed, and commits where it stands once a second. */
function newMember() {
  // Where it stands, by partition: what is revoked has no position any more when that is told.
  const owned = new Map();
  const commit = async (partitionsNow = [...owned.keys()]) => {
    const offsets = partitionsNow.map((partition) => owned.get(partition));
    if (offsets.length > 0) await member.commit(offsets);
  };
  const member = connection.group({
    groupId: topic,
    topics: [topic],
    isolation: 'read-committed',
    sessionMs: 10_000,
    assignor: everyOther,
    onRejoin: () => commit(),
    onAssigned: async ({ added, revoked }) => {
      counts.rebalances++;
      await commit(revoked.map(({ partition }) => partition));
      for (const { partition } of revoked) owned.delete(partition);
      const found = await member.committed(added, { requireStable: true });
      const ends = await connection.admin.listOffsets(added, 'earliest');
      for (const tp of added) {
        const key = `${tp.topic}-${tp.partition}`;
        const offset = found.get(key)?.offset ?? ends.get(key);
        member.seek(tp, offset);
        owned.set(tp.partition, { ...tp, offset });
      }
    },
    onLost: async () => owned.clear(),
  });
  let isClosing = false;
  const reading = (async () => {
    let committedAt = performance.now();
    while (!isClosing) {
      for (const { partition, records, nextOffset } of await member.poll(200)) {
        owned.set(partition, { topic, partition, offset: nextOffset });
        counts.read += records.length;
      }
      if (performance.now() - committedAt < 1_000 || member.isRejoining) continue;
      committedAt = performance.now();
      await commit();
    }
  })().catch((error) => {
    failure ??= error;
  });
  return {
    async close() {
      isClosing = true;
      await reading;
      await commit().catch(() => {});
      await member.close();
    },
  };
}

const everyOther = {
  name: 'every-other',
  userData: () => new Uint8Array(0),
  assign: (members) =>
    new Map(
      members.map(({ memberId }, place) => {
        const own = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
        const some = own.filter(({ partition }) => partition % members.length === place);
        return [memberId, { partitions: some, userData: new Uint8Array(0) }];
      }),
    ),
};

/** Sends so many records in one call. */
function send(count) {
  const timestamp = Date.now();
  const batches = Array.from({ length: partitions }, (_, partition) => {
    const records = [];
    for (let n = partition; n < count; n += partitions) {
      records.push({ key: keyAt(n), value: valueAt(n), timestamp });
    }
    return { topic, partition, records };
  });
  underWay++;
  producer.send(batches).then(
    () => {
      underWay--;
      counts.written += count;
    },
    (error) => {
      failure ??= error;
    },
  );
}

/** Writes at this rate until told; `Infinity`: as fast as it goes while the reader keeps up. */
async function write(perSecond, seconds) {
  const began = performance.now();
  let sent = 0;
  while (failure === null && performance.now() - began < seconds * 1_000) {
    const due = Math.min(20_000, ((performance.now() - began) / 1_000) * perSecond - sent);
    if (due >= partitions && underWay < mostUnderWay && counts.written - counts.read < 200_000) {
      sent += due;
      send(Math.floor(due));
      await new Promise((resolve) => setImmediate(resolve));
    } else await sleep(perSecond === Infinity ? 1 : tickMs);
  }
}

function sample(seconds, before) {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo();
  return {
    seconds: Math.round(seconds),
    recordsPerSecond: Math.round((counts.read - before.read) / (sampleMs / 1_000)),
    heapMb: Math.round(heapUsed / 1e5) / 10,
    externalMb: Math.round(external / 1e5) / 10,
    rssMb: Math.round(rss / 1e6),
    sockets: handles.filter((name) => name === 'TCPSocketWrap').length,
    timers: handles.filter((name) => name === 'Timeout').length,
    rebalances: counts.rebalances,
    failure: failure?.message ?? null,
  };
}

const first = newMember();
while (counts.rebalances === 0 && failure === null) await sleep(50);
const start = { at: performance.now(), read: counts.read };
await write(Infinity, peakSeconds);
const peak = ((counts.read - start.read) / (performance.now() - start.at)) * 1_000;
const perSecond = Math.round(peak * Number(options.share));
process.stdout.write(`${JSON.stringify({ peakPerSecond: Math.round(peak), perSecond })}\n`);

const began = performance.now();
const seconds = Number(options.minutes) * 60;
const samples = [];
let second = null;
let before = { ...counts };
const sampler = setInterval(() => {
  const one = sample((performance.now() - began) / 1_000, before);
  before = { ...counts };
  samples.push({ ...one, members: second === null ? 1 : 2 });
  process.stdout.write(`${JSON.stringify(samples.at(-1))}\n`);
}, sampleMs);
const rebalancer = setInterval(() => {
  const leaving = second;
  second = leaving === null ? newMember() : null;
  void leaving?.close();
}, rebalanceMs);
await write(perSecond, seconds);
clearInterval(sampler);
clearInterval(rebalancer);
while (counts.read < counts.written && failure === null) await sleep(50);
await second?.close();
await first.close();
await connection.admin.deleteTopics([topic]);
await connection.close();

/** The mean of a figure over samples with one member, for those with two hold more. */
const mean = (some, name) => {
  const alone = some.filter(({ members }) => members === 1);
  const sum = alone.reduce((total, one) => total + one[name], 0);
  return Math.round((sum / alone.length) * 10) / 10;
};
const third = Math.floor(samples.length / 3);
const summary = { minutes: Number(options.minutes), ...counts };
for (const name of ['heapMb', 'externalMb', 'rssMb', 'sockets', 'timers']) {
  summary[name] = [
    mean(samples.slice(third, 2 * third), name),
    mean(samples.slice(2 * third), name),
  ];
}
summary.failure = failure?.message ?? null;
process.stdout.write(`${JSON.stringify(summary)}\n`);
await sleep(200);
const left = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap');
const isExact = counts.read === counts.written;
process.exitCode = failure === null && isExact && left.length === 0 ? 0 : 1;
