import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "receipts" ADD "revision" integer NOT NULL DEFAULT 0`,
  `ALTER TABLE "receipts" DROP CONSTRAINT "receipts_pkey"`,
  `ALTER TABLE "receipts" ADD CONSTRAINT "receipts_pkey" PRIMARY KEY ("organization_id", "top_up_id", "revision")`,
];

/** Lets a receipt be replaced by a corrected one. */
export class CorrectedReceipts1796500000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
