import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const packages = Object.keys({ ...dependencies, ...devDependencies }).filter(
  (name) => !/^(?:@types|@?jest)/.test(name),
);
const native = '<rootDir>/test/support/native.transform.mjs';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  // Would change the objects that the sandbox shares with the modules outside.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.(spec|e2e-spec).ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  // The first match counts.
  transform: {
    '\\.spec\\.ts$': ['@swc/jest', { swcrc: true }],
    '/src/.+\\.tsx?$': native,
    '/test/support/contract\\.mjs$': native,
    [`/node_modules/(?:${packages.join('|')})/(?!.*/node_modules/)`]: native,
    '\\.ts$': ['@swc/jest', { swcrc: true }],
  },
  transformIgnorePatterns: [],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Takes minutes: a part of `npm run check:full`.
  testPathIgnorePatterns: process.env.TEST_FULL === 'true' ? [] : ['/chaos.e2e-spec.ts$'],
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  // A busy machine takes ten times as long.
  testTimeout: 120_000,
  // One more than cores, because tests wait for the database a third of their time. The database has connections for four.
  maxWorkers: Math.min(availableParallelism() + 1, 4),
};
