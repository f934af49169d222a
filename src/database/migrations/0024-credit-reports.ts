import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "credit_rollups" ("organization_id" uuid NOT NULL, "seq" bigint NOT NULL, CONSTRAINT "credit_rollups_pkey" PRIMARY KEY ("organization_id"))`,
  `CREATE TABLE "credit_days" ("organization_id" uuid NOT NULL, "level" text NOT NULL, "day" date NOT NULL, "type" text NOT NULL, "kind" text NOT NULL, "unit_id" uuid NOT NULL, "member_id" uuid NOT NULL, "cluster_id" uuid NOT NULL, "entries" bigint NOT NULL, "available" bigint NOT NULL, "held" bigint NOT NULL, "consumed" bigint NOT NULL, "external" bigint NOT NULL, "promo" bigint NOT NULL, "plan" bigint NOT NULL, "expired" bigint NOT NULL, "adjustment" bigint NOT NULL, "receivable" bigint NOT NULL, CONSTRAINT "credit_days_level_check" CHECK (level in ('day', 'month', 'total')), CONSTRAINT "credit_days_pkey" PRIMARY KEY ("organization_id", "level", "day", "type", "kind", "unit_id", "member_id", "cluster_id"))`,
  `ALTER TABLE "credit_rollups" ADD CONSTRAINT "credit_rollups_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_accounts"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "credit_days" ADD CONSTRAINT "credit_days_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_rollups"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class CreditReports1795310761667 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
