import { readFileSync } from 'node:fs';

/*
 * What one request can make the server read has a limit: a list has pages, or it is short for the reason given here, or it
 * is a stream that is read as its receiver reads it.
 */

const OF_CODE = 'one for each of something in the code';
const STREAM = 'a stream in batches, which stops when its reader stops';
const ONE_FILE = 'one document of bounded size';

const SHORT: Record<string, string> = {
  discoverSignIn: 'LIMIT_CONNECTIONS',
  exportEntries: STREAM,
  exportOperatorEvents: STREAM,
  exportOrganizationEvents: STREAM,
  finishSaml: ONE_FILE,
  getBalanceHistory: 'one for each day of a range of bounded length',
  getCharge: 'lots that one charge took credits from',
  getCluster: '100 presets',
  getCredits: 'lots with credits left, which staff and payments create',
  getKeySet: 'two signing keys',
  getLimits: 'one for each kind and window, and for members by default',
  getLogo: ONE_FILE,
  getMember: 'LIMIT_CUSTOM_ROLES and LIMIT_UNITS_WITHOUT_PLAN, or the limit of units that staff set',
  getMetrics: OF_CODE,
  getOperatorBranding: OF_CODE,
  getOperatorOverview: OF_CODE,
  getOrganizationAccess: 'LIMIT_CUSTOM_ROLES',
  getOrganizationBranding: OF_CODE,
  getOrganizationOverview: OF_CODE,
  getReceipt: ONE_FILE,
  getScimGroup: OF_CODE,
  getScimResourceType: OF_CODE,
  getScimSchema: OF_CODE,
  getScimServiceProviderConfig: OF_CODE,
  getScimSettings: '100 mapped groups',
  getScimUser: OF_CODE,
  getStatement: 'days of a month, and the kinds of its entries',
  getSubjectLimits: 'one for each kind and window',
  getUnitBranding: OF_CODE,
  getUsage: '`limit`, or one for each day of a range of bounded length',
  getUser: '100 memberships, and one for each kind of factor',
  listCreditAlerts: '50 alerts',
  listCurrencies: OF_CODE,
  listIdentities: 'LIMIT_CONNECTIONS for each organization of the user',
  listPasskeys: '25 passkeys',
  listPermissions: OF_CODE,
  listPresets: '100 presets',
  listScimGroups: '`count`, at most 200',
  listScimResourceTypes: OF_CODE,
  listScimSchemas: OF_CODE,
  listScimUsers: '`count`, at most 200',
  oidcCallback: ONE_FILE,
  oidcConnectionCallback: ONE_FILE,
  proveCredits: OF_CODE,
  readEffectiveOperatorVariables: '200 variables of each level',
  readEffectiveOrganizationVariables: '200 variables of each level',
  readEffectiveUnitVariables: '200 variables of each level',
  listWebhookEventTypes: OF_CODE,
  samlMetadata: ONE_FILE,
  startSso: ONE_FILE,
};

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));

function resolved(schema: any): any {
  if (!schema?.$ref) return schema ?? {};
  const names: string[] = schema.$ref.split('/').slice(1);
  return resolved(names.reduce((value, name) => value[name], document));
}

const reads: any[] = Object.values<any>(document.paths).flatMap(({ get }) => (get ? [get] : []));
const contentOf = (operation: any): [string, any][] => Object.entries(operation.responses['200']?.content ?? {});
const listsOf = (operation: any): [string, any][] =>
  contentOf(operation).flatMap(([, { schema }]) =>
    Object.entries<any>(resolved(schema).properties ?? {})
      .map(([name, property]): [string, any] => [name, resolved(property)])
      .filter(([, property]) => property.type === 'array'),
  );
const parametersOf = (operation: any): any[] => (operation.parameters ?? []).map(resolved);

it('every list has pages or is short, and every file is bounded or a stream', () => {
  const long = reads.filter((operation) => {
    const hasPages = parametersOf(operation).some(({ name }) => name === 'cursor');
    const isFile = contentOf(operation).some(([type]) => !/^application\/(?:\w+\+)?json$/.test(type));
    const lists = listsOf(operation).filter(
      ([name, { maxItems }]) => maxItems === undefined && !(hasPages && name === 'items'),
    );
    return isFile || lists.length > 0;
  });
  expect(long.map(({ operationId }): string => operationId).toSorted()).toEqual(Object.keys(SHORT).toSorted());
});

it('a page has at most a hundred items', () => {
  const limits = reads
    .filter(({ operationId }) => operationId !== 'getUsage')
    .flatMap((operation) => parametersOf(operation).filter(({ name }) => name === 'limit'))
    .map(({ schema }) => resolved(schema).maximum);
  expect(new Set(limits)).toEqual(new Set([100]));
});
