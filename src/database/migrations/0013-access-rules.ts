import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "operator_access_rules" ("name" text NOT NULL, "condition" text NOT NULL, "role" text NOT NULL, "role_ids" text array NOT NULL, "enabled" boolean NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', "id" uuid NOT NULL, "operator_id" uuid NOT NULL, CONSTRAINT "operator_access_rules_role_check" CHECK (role in ('user', 'manager', 'admin')), CONSTRAINT "operator_access_rules_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "operator_access_rules_operator_id_idx" ON "operator_access_rules"  ("operator_id")`,
  `CREATE TABLE "organization_access_rules" ("name" text NOT NULL, "condition" text NOT NULL, "role" text NOT NULL, "role_ids" text array NOT NULL, "enabled" boolean NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', "organization_id" uuid NOT NULL, "id" uuid NOT NULL, "unit_ids" uuid array NOT NULL, "email_domains" text array, CONSTRAINT "organization_access_rules_role_check" CHECK (role in ('user', 'manager', 'admin')), CONSTRAINT "organization_access_rules_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `ALTER TABLE "organizations" ADD "seat_limit" integer`,
  `ALTER TABLE "organizations" ADD CONSTRAINT "organizations_seat_limit_check" CHECK (seat_limit >= 0)`,
  `ALTER TABLE "operator_access_rules" ADD CONSTRAINT "operator_access_rules_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "organization_access_rules" ADD CONSTRAINT "organization_access_rules_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class AccessRules1795297379960 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
