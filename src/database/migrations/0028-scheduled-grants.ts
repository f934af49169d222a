import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "credit_adjustments" ADD "effective_at" TIMESTAMP(3) WITH TIME ZONE`,
  `ALTER TABLE "credit_adjustments" DROP CONSTRAINT "credit_adjustments_state_check"`,
  `ALTER TABLE "credit_adjustments" ADD CONSTRAINT "credit_adjustments_state_check" CHECK (state in ('pending', 'scheduled', 'done', 'declined', 'cancelled'))`,
  `ALTER TABLE "credit_adjustments" ADD CONSTRAINT "credit_adjustments_scheduled_check" CHECK (state <> 'scheduled' or (kind = 'grant' and effective_at is not null))`,
  `CREATE INDEX "credit_adjustments_scheduled_idx" ON "credit_adjustments"  ("organization_id", "effective_at") WHERE state = 'scheduled'`,
  `CREATE INDEX "credit_adjustments_due_idx" ON "credit_adjustments"  ("effective_at") WHERE state = 'scheduled'`,
];

/** Lets staff grant credits at a later time. */
export class ScheduledGrants1796400000028 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
