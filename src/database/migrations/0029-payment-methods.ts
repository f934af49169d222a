import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "payment_methods" ("organization_id" uuid NOT NULL, "id" text NOT NULL, "provider" text NOT NULL, "customer_id" text, "brand" text, "last4" text, "exp_month" integer, "exp_year" integer, "top_up_id" uuid, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "payment_methods_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "payment_methods_created_at_idx" ON "payment_methods"  ("organization_id", "created_at", "id")`,
  `ALTER TABLE "top_ups" ADD "payment_method" jsonb`,
  `ALTER TABLE "auto_top_ups" ALTER COLUMN "method" DROP NOT NULL`,
  `ALTER TABLE "auto_top_ups" ADD CONSTRAINT "auto_top_ups_method_check" CHECK (method is not null or not enabled)`,
  `ALTER TABLE "payment_methods" ADD CONSTRAINT "payment_methods_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class PaymentMethods1795318896397 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
