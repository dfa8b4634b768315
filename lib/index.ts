/* Words of the domain */

/* Kafka */
export type * from './client/KafkaClient.ts';
export {
  type MemoryKafka,
  type MemoryKafkaOptions,
  memoryKafka,
} from './client/memory/MemoryKafka.ts';
export { type PartitionOptions, partition } from './client/partition.ts';
export { type Produced, type ProduceOptions, produce } from './client/produce.ts';
export type { StartAt } from './client/startAt.ts';
export { type TopicStreamOptions, topicStream } from './client/topicStream.ts';
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
export { kafkajs } from './kafkajs.ts';
export { type Clock, type Random, systemClock } from './model/clock.ts';
export { deadLetter, type ErrorPolicy, fail, skip } from './model/ErrorPolicy.ts';
export {
  type Change,
  type GlobalKTable,
  type KRecord,
  type KStream,
  type KTable,
  type Origin,
  origin,
  type Plain,
  type Rekeyed,
  type Stage,
} from './model/record.ts';
export type { TopicPartition } from './model/topicPartition.ts';
export type { Windowed } from './model/Windowed.ts';
/* Windows */
export { hoppingWindows } from './model/windows/hoppingWindows.ts';
export {
  type JoinWindows,
  joinWindows,
} from './model/windows/joinWindows.ts';
export { sessionWindows } from './model/windows/sessionWindows.ts';
export { slidingWindows } from './model/windows/slidingWindows.ts';
export type {
  FixedWindows,
  SessionWindows,
  SlidingWindows,
  TimeWindows,
} from './model/windows/TimeWindows.ts';
export { tumblingWindows } from './model/windows/tumblingWindows.ts';
export { unlimitedWindows } from './model/windows/unlimitedWindows.ts';
/* Operators */
export { type Aggregator, aggregate, type Merger } from './operators/aggregate.ts';
export { type BranchTest, branch } from './operators/branch.ts';
export { type BufferOptions, bufferByKey } from './operators/bufferByKey.ts';
export { type Cogrouped, cogroup } from './operators/cogroup.ts';
export { count } from './operators/count.ts';
export { type DebounceOptions, debounceByKey } from './operators/debounceByKey.ts';
export { type DistinctOptions, distinctByKey } from './operators/distinctByKey.ts';
/* Tables and joins */
export { type FilterTableOptions, filterTable } from './operators/filterTable.ts';
export { foreach } from './operators/foreach.ts';
export { foreignKeyJoin } from './operators/foreignKeyJoin.ts';
export { foreignKeyLeftJoin } from './operators/foreignKeyLeftJoin.ts';
/* Sources */
export { type GlobalTableOptions, globalTable } from './operators/globalTable.ts';
export { type GroupOptions, groupByKey } from './operators/groupByKey.ts';
export { type GroupTableOptions, groupTableBy } from './operators/groupTableBy.ts';
export type { BufferBounds } from './operators/internal/bufferBounds.ts';
export type { ForeignKeyJoinOptions } from './operators/internal/foreignKeyJoinOf.ts';
export type { EmitStrategy } from './operators/internal/grouping.ts';
export type { GraceOptions, TableJoinOptions } from './operators/internal/joins.ts';
export type {
  ProcessOptions,
  Processor,
  ProcessorContext,
  RecordMetadata,
  TaskView,
  ValueProcessorContext,
} from './operators/internal/processing.ts';
export type { RepartitionOptions } from './operators/internal/throughTopic.ts';
export { join } from './operators/join.ts';
export {
  type JoinedRows,
  type JoinTablesOptions,
  joinTables,
  type Tables,
} from './operators/joinTables.ts';
export { leftJoin } from './operators/leftJoin.ts';
export { type Kept, type MapValuesOptions, mapValues, type Seen } from './operators/mapValues.ts';
export { type AsyncCall, type AsyncOptions, mapValuesAsync } from './operators/mapValuesAsync.ts';
export { outerJoin } from './operators/outerJoin.ts';
export { pairwiseByKey } from './operators/pairwiseByKey.ts';
export { process } from './operators/process.ts';
export { processValues } from './operators/processValues.ts';
export { type Reducer, reduce } from './operators/reduce.ts';
export { repartition } from './operators/repartition.ts';
export { repartitionBy } from './operators/repartitionBy.ts';
export { scanByKey } from './operators/scanByKey.ts';
export { selectKey } from './operators/selectKey.ts';
export { type StreamOptions, stream } from './operators/stream.ts';
export { streamTime } from './operators/streamTime.ts';
export { type SuppressOptions, suppress } from './operators/suppress.ts';
export { type TableOptions, table } from './operators/table.ts';
export { type ThrottleOptions, throttleByKey } from './operators/throttleByKey.ts';
export { type ToChosenOptions, type ToOptions, to } from './operators/to.ts';
export { toStream } from './operators/toStream.ts';
export { toTable } from './operators/toTable.ts';
export { type UntilTimeLimit, untilTimeLimit, type WhenFull } from './operators/untilTimeLimit.ts';
export { type UntilClose, untilWindowCloses } from './operators/untilWindowCloses.ts';
export { type WindowedByOptions, windowedBy } from './operators/windowedBy.ts';
/* Running */
export type { AppMetrics, TaskReport } from './runtime/AppMetrics.ts';
export type { AppState } from './runtime/AppState.ts';
export type { Guarantee } from './runtime/Guarantee.ts';
export { KafkaStreams, type KafkaStreamsOptions } from './runtime/KafkaStreams.ts';
export type {
  KeyValueRow,
  KeyValueView,
  Located,
  SessionRow,
  ViewOf,
  WindowedRow,
  WindowView,
} from './runtime/storeViews.ts';
export type { RestoredStore } from './runtime/TaskRestorer.ts';
/* Serdes and handles */
export { bytes } from './serde/bytes.ts';
export {
  type KeyValueStore,
  keyValueStore,
  type SessionStore,
  type StoreOptions,
  sessionStore,
  type Topic,
  type TopicPattern,
  topic,
  topicPattern,
  type VersionedStore,
  versionedStore,
  type WindowStore,
  type WindowStoreOptions,
  windowStore,
} from './serde/handles.ts';
export { json } from './serde/json.ts';
export { int64, number } from './serde/number.ts';
export type { Serde } from './serde/Serde.ts';
export { string } from './serde/string.ts';
export { windowed } from './serde/windowed.ts';
/* State */
export { memoryStorage } from './state/memoryStorage.ts';
export type { StateStorage } from './state/StateStorage.ts';
export type {
  KeyValueState,
  SessionState,
  VersionedState,
  WindowRow,
  WindowState,
} from './state/views.ts';
/* Topology */
export {
  compareTopologies,
  type TopologyComparison,
  type Verdict,
} from './topology/compareTopologies.ts';
export type { TopologySnapshot } from './topology/snapshot.ts';
export { type Topology, topology } from './topology/Topology.ts';
