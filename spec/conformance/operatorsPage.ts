import type { Case } from './files.ts';
import type { Verdict } from './judge.ts';
import type { Op, Scenario } from './Scenario.ts';

/** One operator of Kafka Streams: ours, and how to tell its use in a scenario. */
interface Row {
  readonly theirs: string;
  readonly ours: string;
  readonly note?: string;
  readonly uses?: (op: Op, scenario: Scenario) => boolean;
}

function kindOf({ topology }: Scenario, id: string | undefined): string {
  const op = topology.find((other) => other.id === id);
  if (op === undefined) return 'stream';
  switch (op.op) {
    case 'table':
    case 'toTable':
    case 'count':
    case 'reduce':
    case 'aggregate':
    case 'suppress':
      return 'table';
    case 'globalTable':
      return 'global';
    case 'filter':
    case 'filterNot':
    case 'mapValues':
      return kindOf({ topology } as Scenario, op.from?.[0]);
    case 'join':
    case 'leftJoin':
    case 'outerJoin':
      return kindOf({ topology } as Scenario, op.from?.[0]);
    default:
      return 'stream';
  }
}

const named = (name: string) => (op: Op) => op.op === name;
const on =
  (kind: string, ...names: readonly string[]) =>
  (op: Op, scenario: Scenario) =>
    names.includes(op.op) && kindOf(scenario, op.from?.[0]) === kind;
const joins =
  (name: string, left: string, right: string) =>
  (op: Op, scenario: Scenario): boolean =>
    op.op === name &&
    op.fk === undefined &&
    kindOf(scenario, op.from?.[0]) === left &&
    kindOf(scenario, op.from?.[1]) === right;
const windows = (type: string) => (op: Op) => op.op === 'windowedBy' && op.window?.type === type;
const processes = (name: string) => (op: Op) => op.processor === name;

const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  [
    'Sources',
    [
      {
        theirs: '`StreamsBuilder.stream(topic)`',
        ours: '`stream(topic)`',
        uses: (op) => op.op === 'stream' && op.topics?.length === 1,
      },
      {
        theirs: '`stream(topics)`',
        ours: '`stream([a, b])`',
        uses: (op) => op.op === 'stream' && (op.topics?.length ?? 0) > 1,
      },
      { theirs: '`stream(Pattern)`', ours: '`stream(topicPattern(/.../, ...))`' },
      {
        theirs: '`TimestampExtractor`',
        ours: 'option `timestampOf` of `stream`, `table`, `globalTable`',
        uses: (op) => op.timestamp !== undefined,
      },
      {
        theirs: '`table(topic)`',
        ours: '`table(topic)`',
        uses: (op) => op.op === 'table' && op.versionedMs === undefined,
      },
      {
        theirs: '`table(topic, Materialized.as(versioned))`',
        ours: '`table(topic, { store: versionedStore(...) })`',
        uses: (op) => op.op === 'table' && op.versionedMs !== undefined,
      },
      {
        theirs: '`globalTable(topic)`',
        ours: '`globalTable(topic)`',
        uses: named('globalTable'),
      },
      {
        theirs: '`addStateStore`',
        ours: 'option `stores` of `process`, `processValues`',
        uses: named('store'),
      },
    ],
  ],
  [
    'KStream, record by record',
    [
      {
        theirs: '`filter`, `filterNot`',
        ours: "RxJS's `filter`",
        uses: on('stream', 'filter', 'filterNot'),
      },
      { theirs: '`mapValues`', ours: '`mapValues`', uses: on('stream', 'mapValues') },
      {
        theirs: '`map`',
        ours: "RxJS's `map` on the record; `repartition` before grouping or joining",
        uses: named('map'),
      },
      { theirs: '`flatMap`', ours: "RxJS's `mergeMap` on the record", uses: named('flatMap') },
      {
        theirs: '`flatMapValues`',
        ours: "RxJS's `mergeMap` on the record, its key kept",
        uses: named('flatMapValues'),
      },
      { theirs: '`selectKey`', ours: '`selectKey`, `repartitionBy`', uses: named('selectKey') },
      { theirs: '`merge`', ours: "RxJS's `merge`", uses: named('merge') },
      { theirs: '`peek`', ours: "RxJS's `tap`", uses: named('peek') },
      { theirs: '`foreach`', ours: '`foreach`', uses: named('foreach') },
      { theirs: '`split`, `branch`', ours: '`branch`', uses: named('split') },
      {
        theirs: '`repartition`',
        ours: '`repartition`',
        note: 'Keeps null keys; put `filter(({ key }) => key !== null)` before it to drop them.',
        uses: named('repartition'),
      },
      { theirs: '`toTable`', ours: '`toTable`', uses: named('toTable') },
      {
        theirs: '`to(topic)`',
        ours: '`to(topic)`',
        uses: (op) => op.op === 'to' && op.topicBy === undefined,
      },
      {
        theirs: '`to(TopicNameExtractor)`',
        ours: '`to(record => name, { value })`',
        uses: (op) => op.op === 'to' && op.topicBy !== undefined,
      },
    ],
  ],
  [
    'Grouping and aggregating',
    [
      { theirs: '`groupByKey`', ours: '`groupByKey`', uses: named('groupByKey') },
      {
        theirs: '`KStream.groupBy`',
        ours: '`repartitionBy(name, ...)`, `groupByKey`',
        uses: on('stream', 'groupBy'),
      },
      {
        theirs: '`KTable.groupBy`',
        ours: '`groupTableBy`, after `mapValues` where the value changes too',
        uses: on('table', 'groupBy'),
      },
      { theirs: '`count`', ours: '`count`', uses: named('count') },
      { theirs: '`reduce`', ours: '`reduce`', uses: named('reduce') },
      {
        theirs: '`aggregate`',
        ours: '`aggregate`',
        uses: (op, { topology }) =>
          op.op === 'aggregate' && !topology.some((other) => other.op === 'cogroup'),
      },
      { theirs: '`cogroup`', ours: '`cogroup`', uses: named('cogroup') },
      {
        theirs: 'record cache',
        ours: "`groupByKey({ emit: 'on commit' })`",
        uses: (_, { config }) => (config?.cacheBytes ?? 0) > 0,
      },
    ],
  ],
  [
    'Windows',
    [
      { theirs: '`TimeWindows`, tumbling', ours: '`tumblingWindows`', uses: windows('tumbling') },
      { theirs: '`TimeWindows`, hopping', ours: '`hoppingWindows`', uses: windows('hopping') },
      { theirs: '`SlidingWindows`', ours: '`slidingWindows`', uses: windows('sliding') },
      { theirs: '`SessionWindows`', ours: '`sessionWindows`', uses: windows('session') },
      { theirs: '`UnlimitedWindows`', ours: '`unlimitedWindows`', uses: windows('unlimited') },
      {
        theirs: '`EmitStrategy.onWindowClose`',
        ours: "`windowedBy(windows, { emit: 'on close' })`",
        note: 'Loses no window; `emitIntervalMs` is 0 unless given.',
        uses: (op) => op.emit === 'windowClose',
      },
      {
        theirs: '`Materialized.withRetention`',
        ours: '`windowStore(name, serde, { retentionMs })`',
        uses: (op) => op.retentionMs !== undefined,
      },
    ],
  ],
  [
    'KTable',
    [
      {
        theirs: '`filter`, `filterNot`',
        ours: '`filterTable`',
        uses: on('table', 'filter', 'filterNot'),
      },
      { theirs: '`mapValues`', ours: '`mapValues`', uses: on('table', 'mapValues') },
      { theirs: '`toStream`', ours: '`toStream`', uses: named('toStream') },
      {
        theirs: '`suppress(untilWindowCloses)`',
        ours: '`suppress(untilWindowCloses())`',
        uses: (op) => op.until === 'windowCloses',
      },
      {
        theirs: '`suppress(untilTimeLimit)`',
        ours: '`suppress(untilTimeLimit({ limitMs }))`',
        uses: (op) => op.until === 'timeLimit',
      },
    ],
  ],
  [
    'Joins',
    [
      {
        theirs: 'stream `join` stream',
        ours: '`join(other, joinWindows(...), joiner)`',
        uses: joins('join', 'stream', 'stream'),
      },
      {
        theirs: 'stream `leftJoin` stream',
        ours: '`leftJoin(other, joinWindows(...), joiner)`',
        uses: joins('leftJoin', 'stream', 'stream'),
      },
      {
        theirs: 'stream `outerJoin` stream',
        ours: '`outerJoin(other, joinWindows(...), joiner)`',
        uses: joins('outerJoin', 'stream', 'stream'),
      },
      {
        theirs: 'stream `join` table',
        ours: '`join(table, joiner)`',
        uses: joins('join', 'stream', 'table'),
      },
      {
        theirs: 'stream `leftJoin` table',
        ours: '`leftJoin(table, joiner)`',
        uses: joins('leftJoin', 'stream', 'table'),
      },
      {
        theirs: '`Joined.withGracePeriod`',
        ours: 'option `graceMs` of `join`, `leftJoin`',
        uses: (op) => op.graceMs !== undefined,
      },
      {
        theirs: 'stream `join` global table',
        ours: '`join(globalTable, key, joiner)`',
        uses: joins('join', 'stream', 'global'),
      },
      {
        theirs: 'stream `leftJoin` global table',
        ours: '`leftJoin(globalTable, key, joiner)`',
        uses: joins('leftJoin', 'stream', 'global'),
      },
      {
        theirs: 'table `join` table',
        ours: '`join(table, joiner)`',
        uses: joins('join', 'table', 'table'),
      },
      {
        theirs: 'table `leftJoin` table',
        ours: '`leftJoin(table, joiner)`',
        uses: joins('leftJoin', 'table', 'table'),
      },
      {
        theirs: 'table `outerJoin` table',
        ours: '`outerJoin(table, joiner)`',
        uses: joins('outerJoin', 'table', 'table'),
      },
      {
        theirs: 'foreign-key `join`',
        ours: '`foreignKeyJoin(name, table, key, joiner)`',
        uses: (op) => op.op === 'join' && op.fk !== undefined,
      },
      {
        theirs: 'foreign-key `leftJoin`',
        ours: '`foreignKeyLeftJoin(name, table, key, joiner)`',
        uses: (op) => op.op === 'leftJoin' && op.fk !== undefined,
      },
    ],
  ],
  [
    'Processors',
    [
      { theirs: '`process`', ours: '`process`', uses: named('process') },
      { theirs: '`processValues`', ours: '`processValues`', uses: named('processValues') },
      {
        theirs: '`ProcessorContext.recordMetadata`, times',
        ours: '`context.recordMetadata`, `streamTime()`, `wallClock()`',
        uses: processes('meta'),
      },
      {
        theirs: '`schedule`, stream time',
        ours: "`context.schedule({ time: 'stream', intervalMs }, ...)`",
        note: 'Keeps its rhythm across restarts.',
        uses: (op) =>
          op.punctuate === 'streamTime' ||
          (op.schedules?.some(({ punctuate }) => punctuate === 'streamTime') ?? false),
      },
      {
        theirs: '`schedule`, wall clock',
        ours: "`context.schedule({ time: 'wall-clock', intervalMs, anchorMs }, ...)`",
        uses: (op) =>
          op.punctuate === 'wallClock' ||
          (op.schedules?.some(({ punctuate }) => punctuate === 'wallClock') ?? false),
      },
      {
        theirs: '`KeyValueStore.range`, `prefixScan`, `all`',
        ours: '`context.store(handle).range`, `prefix`, `all`',
        uses: processes('storeCommands'),
      },
    ],
  ],
];

/** The map of Kafka Streams' operators to ours, with the scenarios that prove it. */
export function operatorsPage(judged: readonly (readonly [Case, Verdict])[]): string {
  const text = [
    "# Kafka Streams' operators and ours",
    '',
    '<!-- Made by `npm run conformance -- --page`: not to be edited. -->',
    '',
    'Each scenario was run on Kafka Streams itself, and is run on this library: the same inputs,',
    'and the same outputs, record by record, with keys, values, timestamps and headers, and the same',
    'rows in the stores. `proven`: all scenarios come to the same. `proven, but`: in some ours does',
    'otherwise on purpose, because Kafka Streams loses data or throws there.',
    '',
  ];
  for (const [title, rows] of sections) {
    text.push(
      `## ${title}`,
      '',
      '| Kafka Streams | here | status | scenarios |',
      '| --- | --- | --- | --- |',
    );
    for (const row of rows) text.push(lineOf(row, judged));
    text.push('');
  }
  text.push('## Where ours does otherwise', '');
  for (const [{ scenario }, { verdict, quirk }] of judged) {
    if (verdict !== 'quirk') continue;
    const theirs = (scenario.quirk ?? scenario.about).replace(/\.?$/, '.');
    text.push(`- \`${scenario.name}\`: ${theirs} Ours: ${quirk?.reason}`);
  }
  return `${text.join('\n')}\n`;
}

/** Scenarios named in one cell. */
const mostNamed = 6;

function lineOf(row: Row, judged: readonly (readonly [Case, Verdict])[]): string {
  const { uses } = row;
  const found =
    uses === undefined
      ? []
      : judged.filter(([{ scenario }]) => scenario.topology.some((op) => uses(op, scenario)));
  const ours = row.note === undefined ? row.ours : `${row.ours}. ${row.note}`;
  return `| ${row.theirs} | ${ours} | ${statusOf(found)} | ${listed(found)} |`;
}

function statusOf(found: readonly (readonly [Case, Verdict])[]): string {
  if (found.length === 0) return 'has specs, no scenario';
  if (found.some(([, { verdict }]) => verdict === 'failed')) return 'differs';
  return found.some(([, { verdict }]) => verdict === 'quirk') ? 'proven, but' : 'proven';
}

function listed(found: readonly (readonly [Case, Verdict])[]): string {
  const names = found.map(([{ scenario }]) => `\`${scenario.name}\``);
  const more = names.length - mostNamed;
  return more > 0 ? `${names.slice(0, mostNamed).join(' ')} and ${more} more` : names.join(' ');
}
