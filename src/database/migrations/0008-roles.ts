import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "operator_role_templates" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "key" text NOT NULL, "name" text NOT NULL, "description" text, "permissions" text array NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "operator_role_templates_key_key" UNIQUE ("operator_id", "key"), CONSTRAINT "operator_role_templates_key_check" CHECK (key ~ '^op-[a-z0-9-]+$'), CONSTRAINT "operator_role_templates_pkey" PRIMARY KEY ("id"))`,
  `CREATE TABLE "organization_roles" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "key" text NOT NULL, "name" text NOT NULL, "description" text, "permissions" text array NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "organization_roles_key_key" UNIQUE ("organization_id", "key"), CONSTRAINT "organization_roles_key_check" CHECK (key ~ '^org-[a-z0-9-]+$'), CONSTRAINT "organization_roles_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `ALTER TABLE "organization_invitations" ADD "role_ids" text array NOT NULL DEFAULT '{}'`,
  `ALTER TABLE "organization_members" ADD "role_ids" text array NOT NULL DEFAULT '{}'`,
  `ALTER TABLE "operator_role_templates" ADD CONSTRAINT "operator_role_templates_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "organization_roles" ADD CONSTRAINT "organization_roles_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Roles1795295576410 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
