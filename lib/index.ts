/* Words of the domain */
export { type ErrorPolicy, deadLetter, fail, skip } from './model/ErrorPolicy.ts';
export { type Clock, type Random, systemClock } from './model/clock.ts';
export {
  type Change,
  type GlobalKTable,
  type KRecord,
  type KStream,
  type KTable,
  type Origin,
  type Plain,
  type Rekeyed,
  type Stage,
  origin,
} from './model/record.ts';
export type { TopicPartition } from './model/topicPartition.ts';
export type { Windowed } from './model/Windowed.ts';

/* Kafka */
export type * from './client/KafkaClient.ts';
export { type MemoryKafka, type MemoryKafkaOptions, memoryKafka } from './client/memory/MemoryKafka.ts';
export { type PartitionOptions, partition } from './client/partition.ts';
export { type Produced, type ProduceOptions, produce } from './client/produce.ts';
export type { StartAt } from './client/startAt.ts';
export { type TopicStreamOptions, topicStream } from './client/topicStream.ts';
export { kafkajs } from './kafkajs.ts';

/* Errors */
export {
  type ErrorCode,
  type ErrorPlace,
  KafkaError,
  StateCorruptError,
  StoreMovedError,
  StreamsError,
  TopologyError,
} from './errors.ts';

/* Serdes and handles */
export { bytes } from './serde/bytes.ts';
export {
  type KeyValueStore,
  type SessionStore,
  type StoreOptions,
  type Topic,
  type VersionedStore,
  type WindowStore,
  type WindowStoreOptions,
  keyValueStore,
  sessionStore,
  topic,
  versionedStore,
  windowStore,
} from './serde/handles.ts';
export { json } from './serde/json.ts';
export { int64, number } from './serde/number.ts';
export type { Serde } from './serde/Serde.ts';
export { string } from './serde/string.ts';
export { windowed } from './serde/windowed.ts';

/* Topology */
export {
  type TopologyComparison,
  type Verdict,
  compareTopologies,
} from './topology/compareTopologies.ts';
export type { TopologySnapshot } from './topology/snapshot.ts';
export { type Topology, topology } from './topology/Topology.ts';

/* Sources */
export { type GlobalTableOptions, globalTable } from './operators/globalTable.ts';
export { type StreamOptions, stream } from './operators/stream.ts';
export { type TableOptions, table } from './operators/table.ts';

/* Tables and joins */
export { type FilterTableOptions, filterTable } from './operators/filterTable.ts';
export { join } from './operators/join.ts';
export type { GraceOptions, TableJoinOptions } from './operators/internal/joins.ts';
export { leftJoin } from './operators/leftJoin.ts';
export { outerJoin } from './operators/outerJoin.ts';
export { type JoinWindows, joinWindows } from './model/windows/joinWindows.ts';

/* Operators */
