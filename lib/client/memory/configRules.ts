import { refused } from './answers.ts';

/** Whether a configuration takes a value; `takes` says which it takes. */
interface Rule {
  readonly takes: string;
  accepts(value: string): boolean;
}

const mostLong = 9223372036854775807n;
const mostInt = 2147483647n;

function whole(least: number, most: bigint = mostLong): Rule {
  return {
    takes: most === mostLong ? `a whole number from ${least}` : `${least} to ${most}`,
    accepts: (value) => {
      if (!/^[+-]?\d+$/.test(value)) return false;
      const number = BigInt(value.replace('+', ''));
      return number >= BigInt(least) && number <= most;
    },
  };
}

function oneOf(...words: readonly string[]): Rule {
  return { takes: words.join(' or '), accepts: (value) => words.includes(value) };
}

function listOf(takes: string, isItem: (item: string) => boolean): Rule {
  return {
    takes,
    accepts: (value) => value === '' || value.split(',').every((item) => isItem(item.trim())),
  };
}

const truth: Rule = {
  takes: 'true or false',
  accepts: (value) => /^(true|false)$/i.test(value),
};
const ratio: Rule = {
  takes: 'a number from 0 to 1',
  accepts: (value) => value !== '' && Number(value) >= 0 && Number(value) <= 1,
};
const policies = listOf('delete, compact, or both with a comma', (item) => {
  return item === 'delete' || item === 'compact';
});
const throttled = listOf('* or partition:broker with commas', (item) => {
  return item === '*' || /^\d+:\d+$/.test(item);
});
const anyLong = whole(Number.MIN_SAFE_INTEGER);

/**
 * What topics can be told, and what each takes: refused is what neither Kafka 3.9 nor 4.3 takes.
 * Most of it has no meaning in memory, and is kept and told all the same.
 */
const rules: ReadonlyMap<string, Rule> = new Map([
  ['cleanup.policy', policies],
  ['compression.gzip.level', { ...whole(-1, 9n), takes: '1 to 9, or -1' }],
  ['compression.lz4.level', whole(1, 17n)],
  ['compression.type', oneOf('producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd')],
  ['compression.zstd.level', whole(-131_072, 22n)],
  ['delete.retention.ms', whole(0)],
  ['file.delete.delay.ms', whole(0)],
  ['flush.messages', whole(1)],
  ['flush.ms', whole(0)],
  ['follower.replication.throttled.replicas', throttled],
  ['index.interval.bytes', whole(0, mostInt)],
  ['leader.replication.throttled.replicas', throttled],
  ['local.retention.bytes', whole(-2)],
  ['local.retention.ms', whole(-2)],
  ['max.compaction.lag.ms', whole(1)],
  ['max.message.bytes', whole(0, mostInt)],
  ['message.downconversion.enable', truth],
  ['message.timestamp.after.max.ms', whole(0)],
  ['message.timestamp.before.max.ms', whole(0)],
  ['message.timestamp.difference.max.ms', whole(0)],
  ['message.timestamp.type', oneOf('CreateTime', 'LogAppendTime')],
  ['min.cleanable.dirty.ratio', ratio],
  ['min.compaction.lag.ms', whole(0)],
  ['min.insync.replicas', whole(1, mostInt)],
  ['preallocate', truth],
  ['remote.log.copy.disable', truth],
  ['remote.log.delete.on.disable', truth],
  ['remote.storage.enable', truth],
  ['retention.bytes', anyLong],
  ['retention.ms', whole(-1)],
  ['segment.bytes', whole(14, mostInt)],
  ['segment.index.bytes', whole(4, mostInt)],
  ['segment.jitter.ms', whole(0)],
  ['segment.ms', whole(1)],
  ['unclean.leader.election.enable', truth],
]);

/** Refuses a configuration that Kafka refuses, before any of it is in force. */
export function checkConfig(config: Readonly<Record<string, string>>, topic?: string): void {
  for (const [name, value] of Object.entries(config)) {
    const rule = rules.get(name);
    if (rule === undefined) {
      throw refused(40, `There is no topic configuration '${name}': check its name`, topic);
    }
    if (typeof value === 'string' && rule.accepts(value.trim())) continue;
    throw refused(40, `'${name}' cannot be '${value}': give it ${rule.takes}`, topic);
  }
}
