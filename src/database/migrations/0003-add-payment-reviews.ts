import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "top_ups" ADD "review" jsonb`,
  `ALTER TABLE "top_ups" ADD "review_opened_at" TIMESTAMP(3) WITH TIME ZONE`,
  `CREATE INDEX "top_ups_review_opened_at_idx" ON "top_ups" ("organization_id", "id") WHERE review_opened_at is not null`,
];

export class AddPaymentReviews1796000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
