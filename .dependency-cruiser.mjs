/** Lowest first. A module may import those before it, and only through their index.ts. */
const LAYERS = [
  'common',
  'idempotency',
  'events',
  'mail',
  'operators',
  'users',
  'plans',
  'organizations',
  'units',
  'clusters',
  'settings',
  'pages',
  'variables',
  'memberships',
  'mailer',
  'billing',
  'auth',
  'scim',
  'lifecycle',
  'purge',
];

/** Beside each other: neither knows the other. */
const APART = [['auth', 'billing']];

const onlyDownwards = LAYERS.map((layer, index) => ({
  name: `layer-${layer}`,
  comment: `${layer} may import only what stands before it: ${LAYERS.slice(0, index).join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: `^src/(${LAYERS.slice(0, index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...onlyDownwards,
    ...APART.map(([one, other]) => ({
      name: `${one}-apart-from-${other}`,
      comment: `${one} and ${other} stand beside each other: what both need is below them.`,
      severity: 'error',
      from: { path: `^src/${one}/` },
      to: { path: `^src/${other}/` },
    })),
    {
      name: 'through-the-index',
      comment: 'Another module is imported through its index.ts only; database/entities.ts alone names every entity.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '^src/database/entities\\.ts$' },
      to: { path: '^src/[^/]+/', pathNot: '^src/($1|common)/|^src/[^/]+/index\\.ts$' },
    },
    {
      name: 'common-through-the-index',
      comment: 'The rooms of common are imported through their index.ts too.',
      severity: 'error',
      from: { path: '^src/(common/[^/]+|[^/]+)/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/common/[^/]+/', pathNot: '^src/$1/|^src/common/[^/]+/index\\.ts$' },
    },
    {
      name: 'entities-stay-at-home',
      comment: 'Entities do not leave their module, except as a type.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '^src/database/entities\\.ts$' },
      to: { path: '\\.entity\\.ts$', pathNot: '^src/$1/' },
    },
    {
      name: 'no-cycle',
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
      name: 'no-undeclared',
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
