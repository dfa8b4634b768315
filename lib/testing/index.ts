/* Topologies under test; and suites (clientSuite, storageSuite) for those who replace a part */

export {
  type ClientSuiteCase,
  type ClientSuiteContext,
  clientSuite,
  type SuiteArea,
} from './clientSuite.ts';
export { change, type RecordOptions, record } from './record.ts';
export { type StorageUnderTest, type SuiteCase, storageSuite } from './storageSuite.ts';
export { TestApp, type TestAppOptions } from './TestApp.ts';
export { type TimelineOptions, timeline } from './timeline/timeline.ts';
export { type Values, values } from './timeline/values.ts';
export {
  type TestInput,
  type TestOutput,
  TopologyTest,
  type TopologyTestOptions,
  topologyTest,
} from './topologyTest.ts';
export { VirtualClock, type VirtualClockOptions } from './VirtualClock.ts';
