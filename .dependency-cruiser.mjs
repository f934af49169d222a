/**
 * Every module below src/, lowest first. A module may import only modules that stand before it, and only through their
 * index.ts. Modules named in one inner list stand beside each other: none of them imports another.
 * `npm run boundaries` checks this and keeps the copy in CONTRIBUTING.md up to date.
 */
export const ORDER = [
  'common',
  'database',
  'http',
  'limits',
  'events',
  'operators',
  'users',
  'settings',
  'mail',
  'pages',
  'console',
  'plans',
  'organizations',
  'units',
  'clusters',
  'variables',
  'content',
  'admission',
  ['billing/ledger', 'billing/parties', 'auth/access'],
  'auth/identity',
  'auth/sso',
  ['billing/payments', 'billing/subscriptions', 'billing/runs', 'billing/reports'],
  ['scim', 'artifacts', 'webhooks'],
  'people',
  'provisioning',
  'overview',
  'sample-data',
  'purge',
];

export const MODULES = ORDER.flat();

/** Groups of modules of which neither knows the other. What both need is below them. */
export const APART = [
  ['auth', 'billing'],
  ['billing', 'auth'],
];

const below = (index) => ORDER.slice(0, index).flat();

/** The list of all entities, which TypeORM needs. No other file may import from every module. */
export const COMPOSITION = '^src/database/entities\\.ts$';

/**
 * What the programs in src/ use of the database when they start. The index does not export it, since that would make
 * every module import the entities of all modules.
 */
const START_UP = '^src/database/(?:connect|data-source|database-error|migrate|embedded/error)\\.ts$';
const PROGRAMS = '^src/[^/]+\\.ts$';

const onlyDownwards = ORDER.flatMap((entry, index) =>
  [entry].flat().map((module) => ({
    name: `order-${module}`,
    comment: `${module} may import only what stands before it: ${below(index).join(', ') || 'nothing'}.`,
    severity: 'error',
    from: { path: `^src/${module}/`, pathNot: COMPOSITION },
    to: { path: `^src/(?:${MODULES.join('|')})/`, pathNot: `^src/(?:${[...below(index), module].join('|')})/` },
  })),
);

const throughTheIndex = MODULES.filter((module) => module !== 'common').map((module) => ({
  name: `index-${module}`,
  comment: `${module} is imported through its index.ts only.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${module}/|${COMPOSITION}${module === 'database' ? `|${PROGRAMS}` : ''}` },
  to: { path: `^src/${module}/`, pathNot: `^src/${module}/index\\.ts$` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...onlyDownwards,
    ...throughTheIndex,
    ...APART.map(([one, other]) => ({
      name: `${one}-apart-from-${other}`,
      comment: `${one} and ${other} stand beside each other. What both need is below them.`,
      severity: 'error',
      from: { path: `^src/${one}/` },
      to: { path: `^src/${other}/` },
    })),
    {
      name: 'index-of-common',
      comment: 'The folders of common are imported through their index.ts too.',
      severity: 'error',
      from: { path: '^src/(common/[^/]+|[^/]+)', pathNot: COMPOSITION },
      to: { path: '^src/common/[^/]+/', pathNot: '^src/$1/|^src/common/[^/]+/index\\.ts$' },
    },
    {
      name: 'nothing-outside-the-order',
      comment: 'A module must have a place in the order.',
      severity: 'error',
      from: { path: `^src/(?:${MODULES.join('|')})/` },
      to: { path: '^src/', pathNot: `^src/(?:${MODULES.join('|')})/` },
    },
    {
      name: 'entities-stay-at-home',
      comment: 'Entities do not leave their module, except as a type.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: COMPOSITION },
      to: { path: '\\.entity\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'entities-for-typeorm-only',
      comment: 'Only the data source uses the list of all entities.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/database/data-source\\.ts$' },
      to: { path: COMPOSITION },
    },
    {
      name: 'start-up-of-the-database',
      comment: 'Programs use the index of the database, and what connects and migrates it.',
      severity: 'error',
      from: { path: PROGRAMS },
      to: { path: '^src/database/', pathNot: `^src/database/index\\.ts$|${START_UP}` },
    },
    {
      name: 'no-cycle-of-files',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: { path: '^src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-dependency',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
