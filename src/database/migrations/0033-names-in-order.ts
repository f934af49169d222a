import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables with names that nothing keeps apart. */
const TABLES = [
  'clients',
  'clusters',
  'operator_access_rules',
  'operator_api_keys',
  'operator_role_templates',
  'operators',
  'organization_access_rules',
  'organization_api_keys',
  'organizations',
  'passkeys',
  'sso_connections',
  'top_up_packages',
  'units',
  'users',
];

const STATEMENTS = [
  // The order of the root locale, in which 2 comes before 10.
  `create collation if not exists people (provider = icu, locale = 'und-u-kn')`,
  ...TABLES.map((table) => `update ${table} set name = normalize(name) where name is not normalized`),
  `update organization_members set directory_name = normalize(directory_name) where directory_name is not normalized`,
  // Names that are unique stay as they are where another one is the same.
  `update plans p set name = normalize(name) where name is not normalized and not exists (
     select from plans o where o.operator_id = p.operator_id and o.id <> p.id and normalize(o.name) = normalize(p.name))`,
  `update organization_roles r set name = normalize(name), name_key = lower(normalize(name)) where name is not normalized
     and not exists (select from organization_roles o where o.organization_id = r.organization_id and o.id <> r.id
       and lower(normalize(o.name)) = lower(normalize(r.name)))`,
  ...[
    ['clusters', 'operator_id'],
    ['organizations', 'operator_id'],
    ['units', 'organization_id'],
    ['users', 'operator_id'],
  ].flatMap(([table, owner]) => [
    `drop index ${table}_${owner}_name_idx`,
    `create index ${table}_${owner}_name_idx on ${table} (${owner}, name collate people, id)`,
  ]),
];

/** Sorts names as people expect, and stores their letters composed (NFC). */
export class NamesInOrder1796500000033 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
