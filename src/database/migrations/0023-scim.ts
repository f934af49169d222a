import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "deactivated_members" ("organization_id" uuid NOT NULL, "user_id" uuid NOT NULL, "role" text NOT NULL, "role_ids" text array NOT NULL, "units" jsonb NOT NULL, "deactivated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "deactivated_members_role_check" CHECK (role in ('user', 'manager', 'admin')), CONSTRAINT "deactivated_members_pkey" PRIMARY KEY ("organization_id", "user_id"))`,
  `CREATE INDEX "deactivated_members_user_id_idx" ON "deactivated_members"  ("user_id")`,
  `CREATE TABLE "scim_groups" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "display_name" text NOT NULL, "display_name_key" text NOT NULL, "external_id" text, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "scim_groups_display_name_key" UNIQUE ("organization_id", "display_name_key"), CONSTRAINT "scim_groups_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "scim_groups_external_id_idx" ON "scim_groups"  ("organization_id", "external_id")`,
  `CREATE TABLE "scim_group_members" ("organization_id" uuid NOT NULL, "group_id" uuid NOT NULL, "user_id" uuid NOT NULL, CONSTRAINT "scim_group_members_pkey" PRIMARY KEY ("organization_id", "group_id", "user_id"))`,
  `CREATE INDEX "scim_group_members_organization_id_user_id_idx" ON "scim_group_members"  ("organization_id", "user_id", "group_id")`,
  `CREATE INDEX "scim_group_members_user_id_idx" ON "scim_group_members"  ("user_id")`,
  `CREATE TABLE "scim_settings" ("organization_id" uuid NOT NULL, "groups" jsonb NOT NULL, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "scim_settings_pkey" PRIMARY KEY ("organization_id"))`,
  `CREATE TABLE "scim_users" ("organization_id" uuid NOT NULL, "user_id" uuid NOT NULL, "user_name" text NOT NULL, "user_name_key" text NOT NULL, "external_id" text, "attributes" jsonb NOT NULL, "granted" jsonb, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "scim_users_user_name_key" UNIQUE ("organization_id", "user_name_key"), CONSTRAINT "scim_users_pkey" PRIMARY KEY ("organization_id", "user_id"))`,
  `CREATE INDEX "scim_users_user_id_idx" ON "scim_users"  ("user_id")`,
  `CREATE INDEX "scim_users_external_id_idx" ON "scim_users"  ("organization_id", "external_id")`,
  `ALTER TABLE "organization_api_keys" ADD "kind" text NOT NULL DEFAULT 'workload'`,
  `ALTER TABLE "organization_api_keys" ADD CONSTRAINT "organization_api_keys_kind_check" CHECK (kind in ('workload', 'scim'))`,
  `ALTER TABLE "deactivated_members" ADD CONSTRAINT "deactivated_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "deactivated_members" ADD CONSTRAINT "deactivated_members_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_groups" ADD CONSTRAINT "scim_groups_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_group_members" ADD CONSTRAINT "scim_group_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_group_members" ADD CONSTRAINT "scim_group_members_organization_id_group_id_fkey" FOREIGN KEY ("organization_id", "group_id") REFERENCES "scim_groups"("organization_id","id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_settings" ADD CONSTRAINT "scim_settings_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_users" ADD CONSTRAINT "scim_users_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "scim_users" ADD CONSTRAINT "scim_users_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Scim1795320085467 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
