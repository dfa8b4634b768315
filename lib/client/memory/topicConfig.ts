/** A topic's configuration, parsed once for the append path. */
export interface LogSettings {
  readonly logAppendTime: boolean;
  readonly deletes: boolean;
  readonly compacts: boolean;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly deleteRetentionMs: number;
  readonly dirtyRatio: number;
  readonly compactionLagMs: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly maxMessageBytes: number;
  /** How far a record's time may lie before the cluster's, and after it. */
  readonly mostBeforeMs: number;
  readonly mostAfterMs: number;
}

const unlimitedMs = '9223372036854775807';

/**
 * Kafka's defaults but two, for event times are rarely near the clock of an embedded cluster, and
 * virtual time may begin at 0. `retention.ms` is -1: old data must not be lost because its event
 * times are old. `message.timestamp.after.max.ms` is unlimited (Kafka 4: one hour): event times
 * may lie ahead of the clock. Who wants either says so, by topic or in `topicConfig`.
 */
export const topicDefaults: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'delete.retention.ms': '86400000',
  'max.message.bytes': '1048588',
  'message.timestamp.after.max.ms': unlimitedMs,
  'message.timestamp.before.max.ms': unlimitedMs,
  'message.timestamp.type': 'CreateTime',
  'min.cleanable.dirty.ratio': '0.5',
  'min.compaction.lag.ms': '0',
  'retention.bytes': '-1',
  'retention.ms': '-1',
  'segment.bytes': '1073741824',
  'segment.ms': '604800000',
};

export function parseSettings(config: Readonly<Record<string, string>>): LogSettings {
  const all = { ...topicDefaults, ...config };
  const number = (name: string): number => {
    const value = Number(all[name]);
    const isUnlimited = value < 0 || value > Number.MAX_SAFE_INTEGER;
    return isUnlimited ? Number.POSITIVE_INFINITY : value;
  };
  const policies = (all['cleanup.policy'] ?? '').split(',').map((policy) => policy.trim());
  return {
    logAppendTime: all['message.timestamp.type']?.trim() === 'LogAppendTime',
    deletes: policies.includes('delete'),
    compacts: policies.includes('compact'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    deleteRetentionMs: number('delete.retention.ms'),
    dirtyRatio: number('min.cleanable.dirty.ratio'),
    compactionLagMs: number('min.compaction.lag.ms'),
    segmentBytes: number('segment.bytes'),
    segmentMs: number('segment.ms'),
    maxMessageBytes: number('max.message.bytes'),
    mostBeforeMs: number('message.timestamp.before.max.ms'),
    mostAfterMs: number('message.timestamp.after.max.ms'),
  };
}
