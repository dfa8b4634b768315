import { type Topology, topology } from 'rxkstreams';
import { buildAggregate, buildCount, buildReduce, buildSuppress } from './build/aggregations.ts';
import { type AnyHandle, Build, describe } from './build/Build.ts';
import { buildCogroup, buildGroupBy, buildGroupByKey, buildWindowedBy } from './build/grouping.ts';
import { copiesHeaders } from './build/headers.ts';
import { buildJoin } from './build/joins.ts';
import { buildProcess, buildProcessValues } from './build/processing.ts';
import { buildGlobalTable, buildStore, buildStream, buildTable } from './build/sources.ts';
import {
  buildFilter,
  buildFlatMap,
  buildForeach,
  buildMap,
  buildMapValues,
  buildMerge,
  buildPeek,
  buildRepartition,
  buildSelectKey,
  buildSplit,
  buildTo,
  buildToStream,
  buildToTable,
  withOwnHeaders,
} from './build/stateless.ts';
import type { Op, Scenario } from './Scenario.ts';
import type { Json, Key } from './values.ts';

const builders: { readonly [op: string]: (build: Build, op: Op) => void } = {
  stream: buildStream,
  table: buildTable,
  globalTable: buildGlobalTable,
  store: buildStore,
  filter: buildFilter,
  filterNot: buildFilter,
  mapValues: buildMapValues,
  map: buildMap,
  flatMap: buildFlatMap,
  flatMapValues: buildFlatMap,
  selectKey: buildSelectKey,
  merge: buildMerge,
  peek: buildPeek,
  foreach: buildForeach,
  split: buildSplit,
  repartition: buildRepartition,
  toTable: buildToTable,
  toStream: buildToStream,
  to: buildTo,
  groupByKey: buildGroupByKey,
  groupBy: buildGroupBy,
  windowedBy: buildWindowedBy,
  cogroup: buildCogroup,
  count: buildCount,
  reduce: buildReduce,
  aggregate: buildAggregate,
  suppress: buildSuppress,
  join: buildJoin,
  leftJoin: buildJoin,
  outerJoin: buildJoin,
  process: buildProcess,
  processValues: buildProcessValues,
};

export interface BuiltScenario {
  readonly topology: Topology;
  /** The stores by name, as the topology made them. */
  readonly handles: ReadonlyMap<string, AnyHandle>;
}

/** The topology a scenario describes, made with the public API: one op is one call. */
export function buildTopology(
  scenario: Scenario,
  peek: (id: string, key: Key, value: Json) => void,
): BuiltScenario {
  const handles = new Map<string, AnyHandle>();
  const built = topology(() => {
    const build = new Build(scenario, peek, handles);
    for (const op of scenario.topology) {
      const builder = builders[op.op];
      if (builder === undefined) throw new Error(`the language has no ${describe(op)}`);
      builder(build, op);
      if (copiesHeaders(op)) build.replace(op, (source) => withOwnHeaders(build, source));
    }
  });
  return { topology: built, handles };
}
