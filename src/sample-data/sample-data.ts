/** Name, brand color and size of a sample organization. Sizes: number of members and credits used on a usual day. */
export interface SampleOrganization {
  name: string;
  color: string;
  members: number;
  creditsPerDay: number;
  units: readonly string[];
  /** Growth of the daily usage over the three months, for example 0.5 for half as much again. */
  growth: number;
}

const sample = (
  name: string,
  color: string,
  members: number,
  creditsPerDay: number,
  growth = 0.3,
  units: readonly string[] = [],
): SampleOrganization => ({ name, color, members, creditsPerDay, growth, units });

/** The first is shown in most detail. */
export const SAMPLE_ORGANIZATIONS: readonly SampleOrganization[] = [
  sample('Northwind', '#1d4ed8', 14, 240, 0.6, ['Research', 'Platform', 'Forecasting']),
  sample('Bluebird Robotics', '#0f766e', 11, 180, 0.9, ['Perception', 'Simulation']),
  sample('Alder & Finch', '#7c2d12', 9, 120, 0.1, ['Imaging', 'Archive']),
  sample('Meridian Health', '#be123c', 12, 160, 0.4, ['Genomics', 'Clinical trials']),
  sample('Kestrel Energy', '#ca8a04', 8, 95, -0.2, ['Grid', 'Wind']),
  sample('Oak Street Analytics', '#4d7c0f', 7, 70, 0.2, ['Retail']),
  sample('Lumen Optics', '#7e22ce', 6, 60, 0.5, ['Lab']),
  sample('Harbor Logistics', '#0369a1', 8, 55, 0, ['Routing', 'Ports']),
  sample('Tidewater Studio', '#c2410c', 5, 48, 1.2, ['Rendering']),
  sample('Quarry Minerals', '#57534e', 5, 35, -0.4, ['Surveys']),
  sample('Juniper Learning', '#15803d', 6, 30, 0.3),
  sample('Copperline Bank', '#1e3a8a', 9, 85, 0.2, ['Risk', 'Fraud']),
  sample('Fable Games', '#a21caf', 7, 66, 0.7, ['Engine', 'Art']),
  sample('Summit Airways', '#0e7490', 6, 40, 0.1, ['Crew planning']),
  sample('Verdant Foods', '#3f6212', 4, 22, 0.2),
  sample('Polar Research Institute', '#075985', 5, 75, 0.4, ['Ice', 'Ocean']),
  sample('Brightwater Utilities', '#0284c7', 4, 18, 0),
  sample('Cobalt Semiconductors', '#3730a3', 8, 140, 0.5, ['Verification']),
  sample('Maple & Main', '#b45309', 3, 8, 0.1),
  sample('Orchid Pharma', '#9d174d', 6, 58, 0.3, ['Screening']),
  sample('Granite Insurance', '#44403c', 4, 16, -0.1),
  sample('Skylark Media', '#6d28d9', 5, 28, 0.6),
  sample('Ironwood Construction', '#92400e', 3, 9, 0),
  sample('Riverbend Schools', '#166534', 4, 12, 0.2),
  sample('Helix Diagnostics', '#be185d', 5, 45, 0.8),
  sample('Anchor Telecom', '#1d4ed8', 6, 38, 0.1),
  sample('Saffron Kitchens', '#d97706', 2, 4, 0),
  sample('Nimbus Weather', '#0891b2', 5, 90, 0.3, ['Models']),
  sample('Cedar Legal', '#78350f', 3, 7, 0.4),
  sample('Vantage Motors', '#b91c1c', 6, 62, 0.2, ['Autonomy']),
  sample('Pinecrest University', '#14532d', 9, 110, 0.1, ['Physics', 'Linguistics']),
  sample('Ember Security', '#dc2626', 4, 26, 0.5),
  sample('Willow Textiles', '#a16207', 2, 3, 0),
  sample('Atlas Mapping', '#047857', 4, 33, 0.4),
  sample('Crescent Shipping', '#1e40af', 3, 14, -0.3),
  sample('Starling Audio', '#86198f', 3, 11, 0.9),
  sample('Basalt Materials', '#334155', 3, 19, 0.1),
  sample('Larkspur Clinics', '#db2777', 3, 10, 0.2),
  sample('Evergreen Timber', '#065f46', 2, 5, 0),
  sample('Paper Lantern', '#e11d48', 2, 2, 0),
];

/** The organization that signs in through its own provider. Nothing is asked of the provider before a member signs in. */
export const SINGLE_SIGN_ON = {
  organization: 'Meridian Health',
  domain: 'meridian-health.example',
  connection: {
    type: 'oidc' as const,
    name: 'Meridian Health ID',
    issuer: 'https://login.meridian-health.example',
    clientId: 'trellis',
    tokenEndpointAuthMethod: 'none' as const,
  },
};

export const PACKAGES = [
  { name: 'Small', credits: '100', priceMinor: 10_000, currency: 'USD' },
  { name: 'Medium', credits: '1000', priceMinor: 95_000, currency: 'USD' },
  { name: 'Large', credits: '10000', priceMinor: 900_000, currency: 'USD' },
];

export const SUSPENDED = 'Crescent Shipping';
export const DELETED = 'Paper Lantern';

export const GIVEN_NAMES = [
  'Amara',
  'Bruno',
  'Chen',
  'Dalia',
  'Emil',
  'Farah',
  'Grace',
  'Hugo',
  'Ines',
  'Jonas',
  'Kavya',
  'Liam',
  'Maya',
  'Noor',
  'Oscar',
  'Priya',
  'Quinn',
  'Rosa',
  'Sven',
  'Tomas',
  'Uma',
  'Victor',
  'Wanda',
  'Xavier',
  'Yuki',
  'Zoe',
  'Łukasz',
  'Renée',
];
export const FAMILY_NAMES = [
  'Almeida',
  'Becker',
  'Costa',
  'Dubois',
  'Eriksen',
  'Fischer',
  'García',
  'Haddad',
  'Ito',
  'Jansen',
  'Kowalski',
  'Lindqvist',
  'Moreau',
  'Nakamura',
  'Okafor',
  'Petrov',
  'Quist',
  'Rossi',
  'Silva',
  'Tanaka',
  'Urban',
  'Varga',
  'Weber',
  'Young',
  'Zhang',
];

export const CHARGE_KINDS = ['gpu', 'cpu', 'storage', 'inference'] as const;

/** Files that workloads of each organization made, and their sizes in bytes. */
export const SAMPLE_ARTIFACTS = [
  { name: 'demand-forecast.onnx', kind: 'model', sizeBytes: 418_230_144 },
  { name: 'training-set.parquet', kind: 'dataset', sizeBytes: 12_884_901_888 },
  { name: 'evaluation.html', kind: 'report', sizeBytes: 1_482_752 },
  { name: 'embeddings.npy', kind: 'dataset', sizeBytes: 2_147_483_648 },
] as const;

interface SampleDocument {
  kind: 'template' | 'content';
  key: string;
  title: string;
  body: string;
  fields?: { name: string; type: 'text'; default: string; locked?: boolean }[];
}

/** What the operator publishes to all organizations. */
export const SAMPLE_DOCUMENTS: readonly SampleDocument[] = [
  {
    kind: 'template',
    key: 'master-agreement',
    title: 'Agreement with {{ORG_NAME}}',
    body: [
      '## Agreement',
      'This agreement is between {{OPERATOR_NAME}} and **{{ORG_NAME}}**.',
      '- Notice period: {{NOTICE_PERIOD}}',
      '- Support: {{SUPPORT_HOURS}}',
    ].join('\n\n'),
    fields: [
      { name: 'NOTICE_PERIOD', type: 'text', default: '30 days', locked: true },
      { name: 'SUPPORT_HOURS', type: 'text', default: 'weekdays from 9 to 17' },
    ],
  },
  {
    kind: 'content',
    key: 'maintenance',
    title: 'Maintenance in January',
    body: 'On the second Sunday of January, clusters are unavailable **from 6 to 8 in the morning**.\n\nRuns that are active then are stopped and charged until they stop.',
  },
];

/** Plans and the daily usage of the organizations that have them. */
export const SAMPLE_PLANS = [
  {
    name: 'Business',
    description: 'For a whole company.',
    monthlyCredits: '5000',
    priceMinor: 79_900,
    fromCreditsPerDay: 80,
    toCreditsPerDay: Infinity,
  },
  {
    name: 'Team',
    description: 'For one team.',
    seatLimit: 25,
    unitLimit: 10,
    monthlyCredits: '500',
    priceMinor: 9900,
    fromCreditsPerDay: 20,
    toCreditsPerDay: 80,
  },
  {
    name: 'Starter',
    description: 'For trying things out.',
    seatLimit: 5,
    unitLimit: 3,
    monthlyCredits: '50',
    priceMinor: 0,
    fromCreditsPerDay: 0,
    toCreditsPerDay: 20,
  },
];
