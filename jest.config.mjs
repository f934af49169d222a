// ESM-only packages that CommonJS packages require(): jest has no require(esm) below Node 24.9, so they are compiled.
const requiredEsm = [
  'content-disposition',
  'cookie',
  '@exodus/bytes',
  'parse5',
  'entities',
  '@asamuzakjp',
  '@csstools',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.(spec|e2e-spec).ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { swcrc: true }],
    '^.+\\.tsx$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
      },
    ],
    [`/node_modules/(?:${requiredEsm.join('|')})/.+\\.m?js$`]: ['@swc/jest', { jsc: { target: 'es2022' } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:.+/node_modules/)?(?:${requiredEsm.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testTimeout: 30_000,
  // As many as the one database server for all of them has connections for; jest would take one on two cores.
  maxWorkers: 2,
};
