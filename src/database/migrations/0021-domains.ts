import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "organization_domains" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "domain" text NOT NULL, "token" text NOT NULL, "verified_at" TIMESTAMP(3) WITH TIME ZONE, "last_checked_at" TIMESTAMP(3) WITH TIME ZONE, "created_by" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "organization_domains_domain_key" UNIQUE ("organization_id", "domain"), CONSTRAINT "organization_domains_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "organization_domains_created_at_idx" ON "organization_domains"  ("organization_id", "created_at", "id")`,
  `CREATE TABLE "verified_domains" ("operator_id" uuid NOT NULL, "domain" text NOT NULL, "organization_id" uuid NOT NULL, CONSTRAINT "verified_domains_pkey" PRIMARY KEY ("operator_id", "domain"))`,
  `CREATE INDEX "verified_domains_organization_id_idx" ON "verified_domains"  ("organization_id")`,
  `ALTER TABLE "organization_domains" ADD CONSTRAINT "organization_domains_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "verified_domains" ADD CONSTRAINT "verified_domains_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Domains1795306707427 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
