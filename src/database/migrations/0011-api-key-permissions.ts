import type { MigrationInterface, QueryRunner } from 'typeorm';

/* The permissions of each role at the time of this migration, without those that keys never have. */
const OF_USER =
  'branding:read,charges:create,clusters:list,credits:read,members:list,organization:read,' +
  'runs:create,runs:read,top-ups:create,unit-branding:read,unit-members:list,' +
  'unit-variables:readEffective,unit:read,units:create,units:list,units:listAll,' +
  'variables:readEffective';
const OF_MANAGER =
  'branding:read,charges:create,charges:createForAll,charges:refund,clusters:list,credits:read,' +
  'credits:readAll,limits:edit,members:list,organization:read,organization:readImpact,runs:create,' +
  'runs:read,runs:readAll,runs:stopAll,subscription:read,top-ups:create,unit-branding:read,' +
  'unit-members:list,unit-variables:read,unit-variables:readEffective,unit:edit,unit:read,' +
  'units:create,units:list,units:listAll,variables:read,variables:readEffective';
const OF_ADMIN =
  'auto-top-up:edit,branding:edit,branding:read,charges:create,charges:createForAll,charges:refund,' +
  'clusters:list,credit-alerts:edit,credits:read,credits:readAll,events:read,limits:edit,' +
  'members:list,organization:edit,organization:read,organization:readImpact,runs:create,runs:read,' +
  'runs:readAll,runs:stopAll,subscription:edit,subscription:read,top-ups:create,unit-branding:edit,' +
  'unit-branding:read,unit-members:list,unit-variables:edit,unit-variables:read,' +
  'unit-variables:readEffective,unit-variables:readSecrets,unit:delete,unit:edit,unit:read,' +
  'unit:restore,unit:suspend,units:create,units:list,units:listAll,variables:edit,variables:read,' +
  'variables:readEffective,variables:readSecrets';
const OF_BILLING_ADMIN = 'auto-top-up:edit,credit-alerts:edit,credits:readAll,subscription:edit,subscription:read';
/** All that a key restricted to units can have. */
const OF_RESTRICTED =
  'branding:read,charges:create,charges:createForAll,clusters:list,credits:read,members:list,' +
  'organization:read,runs:create,runs:read,top-ups:create,unit-branding:edit,unit-branding:read,' +
  'unit-members:list,unit-variables:edit,unit-variables:read,unit-variables:readEffective,' +
  'unit-variables:readSecrets,unit:delete,unit:edit,unit:read,unit:restore,unit:suspend,units:list,' +
  'variables:readEffective';

const list = (permissions: string): string => `string_to_array('${permissions}', ',')`;

const STATEMENTS = [
  `ALTER TABLE "organization_api_keys" ADD "permissions" text array NOT NULL DEFAULT '{}'`,
  `update organization_api_keys k set permissions = array(
     select distinct p from (
       select unnest(case k.role when 'admin' then ${list(OF_ADMIN)} when 'manager' then ${list(OF_MANAGER)} else ${list(OF_USER)} end) as p
       union all select unnest(${list(OF_BILLING_ADMIN)}) where 'billing_admin' = any (k.role_ids)
       union all select unnest(r.permissions) from organization_roles r
         where r.organization_id = k.organization_id and r.id::text = any (k.role_ids)
       union all select unnest(t.permissions) from operator_role_templates t where t.id::text = any (k.role_ids)
     ) held
     where p = any (${list(OF_ADMIN)}) and (k.unit_ids is null or p = any (${list(OF_RESTRICTED)}))
     order by p)
   where k.kind = 'workload'`,
  `ALTER TABLE "organization_api_keys" ALTER COLUMN "permissions" DROP DEFAULT`,
  `ALTER TABLE "organization_api_keys" DROP COLUMN "role_ids"`,
];

/** Gives existing API keys the list of what they could do so far, without what keys can no longer do. */
export class ApiKeyPermissions1796200000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
