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
}

/**
 * Kafka's defaults but one: `retention.ms` is -1. An embedded cluster must not lose old data
 * because its event times are old; who wants retention says so.
 */
export const topicDefaults: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'delete.retention.ms': '86400000',
  'max.message.bytes': '1048588',
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
    return value < 0 ? Number.POSITIVE_INFINITY : value;
  };
  const policies = (all['cleanup.policy'] ?? '').split(',').map((policy) => policy.trim());
  return {
    logAppendTime: all['message.timestamp.type'] === 'LogAppendTime',
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
  };
}
