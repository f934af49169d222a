import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "billing_details" ("organization_id" uuid NOT NULL, "legal_name" text, "address" text, "tax_id" text, "email" text, "reference" text, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "billing_details_pkey" PRIMARY KEY ("organization_id"))`,
  `CREATE TABLE "receipt_counters" ("operator_id" uuid NOT NULL, "last_number" bigint NOT NULL, CONSTRAINT "receipt_counters_pkey" PRIMARY KEY ("operator_id"))`,
  `CREATE TABLE "receipts" ("organization_id" uuid NOT NULL, "top_up_id" uuid NOT NULL, "operator_id" uuid NOT NULL, "number" bigint NOT NULL, "seller" jsonb NOT NULL, "buyer" jsonb NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "receipts_pkey" PRIMARY KEY ("organization_id", "top_up_id"))`,
  `CREATE TABLE "sellers" ("operator_id" uuid NOT NULL, "legal_name" text, "address" text, "tax_id" text, "email" text, "tax_name" text, "tax_rate" integer, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "sellers_tax_rate_check" CHECK (tax_rate >= 0 and tax_rate <= 1000000), CONSTRAINT "sellers_pkey" PRIMARY KEY ("operator_id"))`,
  `ALTER TABLE "billing_details" ADD CONSTRAINT "billing_details_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "receipt_counters" ADD CONSTRAINT "receipt_counters_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "receipts" ADD CONSTRAINT "receipts_organization_id_top_up_id_fkey" FOREIGN KEY ("organization_id", "top_up_id") REFERENCES "top_ups"("organization_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "sellers" ADD CONSTRAINT "sellers_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Receipts1796400000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
