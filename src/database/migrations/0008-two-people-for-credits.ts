import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "staff_issuances" (
    "operator_id" uuid NOT NULL,
    "issuer_id" uuid NOT NULL,
    "day" date NOT NULL,
    "amount" numeric(30,0) NOT NULL,
    CONSTRAINT "staff_issuances_pkey" PRIMARY KEY ("operator_id", "issuer_id", "day"))`,
  `ALTER TABLE "staff_issuances" ADD CONSTRAINT "staff_issuances_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "credit_adjustments" ADD "kind" text NOT NULL DEFAULT 'adjustment'`,
  `ALTER TABLE "credit_adjustments" ADD "grant_details" jsonb`,
  `ALTER TABLE "credit_adjustments" ADD "overdraft_limit" bigint`,
  `ALTER TABLE "credit_adjustments" ADD CONSTRAINT "credit_adjustments_kind_check" CHECK (kind in ('adjustment', 'grant', 'overdraft'))`,
];

export class TwoPeopleForCredits1796100000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
