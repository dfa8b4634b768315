import { existsSync } from 'node:fs';

const folders = ['spec', 'samples'].filter((folder) =>
  existsSync(new URL(folder, import.meta.url)),
);
const kafka = process.env.SPECS === 'kafka';
const only = kafka ? /\.kafka\.spec\.ts$/ : /\.spec\.ts$/;

/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  roots: folders.map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  testRegex: only.source,
  testPathIgnorePatterns: kafka ? ['/node_modules/'] : ['/node_modules/', '\\.kafka\\.spec\\.ts$'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/dist-samples', '<rootDir>/tmp'],
  testTimeout: kafka ? 180_000 : 20_000,
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
