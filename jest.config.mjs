import { existsSync } from 'node:fs';

// What `npm test` leaves out, because it is slow or needs a broker: tools/specs.mjs runs one kind.
const kinds = ['kafka', 'package', 'conformance'];
const kind = process.env.SPECS;
const folders = ['spec', 'samples'].filter((folder) =>
  existsSync(new URL(folder, import.meta.url)),
);

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  testRegex: kind ? `\\.${kind}\\.spec\\.ts$` : '\\.spec\\.ts$',
  testPathIgnorePatterns: kind ? [] : [`\\.(${kinds.join('|')})\\.spec\\.ts$`],
  testTimeout: kind ? 180_000 : 20_000,
  moduleNameMapper: {
    '^rxkstreams$': '<rootDir>/lib/index.ts',
    '^rxkstreams/testing$': '<rootDir>/lib/testing/index.ts',
    '^rxkstreams/kafkajs$': '<rootDir>/lib/client/kafkajs/index.ts',
    '^rxkstreams/(idb|lmdb)$': '<rootDir>/lib/state/$1/index.ts',
  },
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      },
    ],
  },
  reporters: ['default', '<rootDir>/tools/closingLineReporter.cjs'],
};
