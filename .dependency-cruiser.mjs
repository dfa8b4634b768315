// The layers of lib (DESIGN.md), as a matrix: a row may import itself, and the columns it names.
// `port` is the Kafka port (the files of lib/client itself); `memory` is the cluster in memory.
const places = {
  model: 'lib/(model/|errors\\.ts)',
  serde: 'lib/serde/',
  port: 'lib/client/[^/]+\\.ts',
  memory: 'lib/client/memory/',
  kafkajs: 'lib/client/kafkajs/',
  state: 'lib/state/([^/]+\\.ts|memory/|layers/|checkpoint/)',
  idb: 'lib/state/idb/',
  lmdb: 'lib/state/lmdb/',
  topology: 'lib/topology/',
  runtime: 'lib/runtime/',
  operators: 'lib/operators/',
  testing: 'lib/testing/',
  devtools: 'lib/devtools/',
  rx: 'lib/rx\\.ts',
};

const words = ['model'];
const bytes = ['model', 'serde'];
const mayImport = {
  model: ['serde'],
  serde: words,
  port: [...bytes, 'rx'],
  memory: [...bytes, 'port'],
  kafkajs: [...bytes, 'port'],
  state: bytes,
  idb: [...bytes, 'state'],
  lmdb: [...bytes, 'state'],
  topology: [...bytes, 'port', 'state', 'rx'],
  runtime: [...bytes, 'port', 'state', 'topology', 'rx'],
  operators: [...bytes, 'port', 'state', 'topology', 'rx'],
  testing: [...bytes, 'port', 'memory', 'state', 'topology', 'operators', 'runtime', 'rx'],
  devtools: [...bytes, 'port', 'memory', 'state', 'topology', 'operators', 'runtime', 'rx'],
};

const alternatives = (names) => names.map((name) => places[name]).join('|');

const layers = Object.entries(mayImport).map(([name, others]) => ({
  name: `layer-${name}`,
  comment: `${name} may import ${['itself', ...others].join(', ')}: imports go downward only.`,
  severity: 'error',
  from: { path: `^${places[name]}` },
  to: { path: '^lib/', pathNot: `^(${alternatives([name, ...others])})` },
}));

// The one door: it loads the kafkajs entry, by the package's own name, when a client first
// connects.
const door = '^lib/kafkajs\\.ts$';
const adapters = `^(${alternatives(['kafkajs', 'idb', 'lmdb'])})`;

export default {
  forbidden: [
    ...layers,
    {
      name: 'no-cycles',
      comment: 'A cycle has no order of loading. (Types may refer to each other.)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'rx-types-only',
      comment:
        'Values of RxJS come in through lib/rx.ts alone: a port to another version ends there.',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^${places.rx}` },
      to: { path: 'node_modules/rxjs', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'types-of-the-layer-below',
      comment: 'The planner knows of the Kafka port and of stores by their types alone.',
      severity: 'error',
      from: { path: `^${places.topology}` },
      to: { path: `^(${places.port})`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'node-only-in-adapters',
      comment: 'The main entry runs in a browser.',
      severity: 'error',
      from: { path: '^lib/', pathNot: adapters },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'packages-only-in-their-adapter',
      comment: 'The main entry has no dependency but RxJS.',
      severity: 'error',
      from: { path: '^lib/', pathNot: adapters },
      to: { path: 'node_modules/', pathNot: 'node_modules/rxjs/' },
    },
    {
      name: 'nobody-imports-an-adapter',
      comment: 'An adapter is its own entry; a program that does not use it never loads it.',
      severity: 'error',
      from: { path: '^lib/', pathNot: [adapters, door] },
      to: { path: adapters, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-keep-apart',
      comment: 'One adapter does not know another.',
      severity: 'error',
      from: { path: '^lib/(client|state)/(kafkajs|idb|lmdb)/' },
      to: { path: adapters, pathNot: '^lib/$1/$2/' },
    },
    {
      name: 'index-is-for-users',
      comment: 'Inside the library a file is imported by its own name.',
      severity: 'error',
      from: { path: '^lib/', pathNot: door },
      to: { path: '^lib/.*index\\.ts$' },
    },
    {
      name: 'internal-stays-internal',
      comment: 'What lies in a folder named internal is for the folder above it.',
      severity: 'error',
      from: { path: '^lib/([^/]+)/' },
      to: { path: '^lib/[^/]+/internal/', pathNot: '^lib/$1/' },
    },
    {
      name: 'samples-use-the-package',
      comment: 'A sample imports rxkstreams by its name, as a program does.',
      severity: 'error',
      from: { path: '^samples/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^lib/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
    },
  },
};
