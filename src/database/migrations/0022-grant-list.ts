import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the grants of an organization among its charges. */
export class GrantList1796400000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX "credit_entries_grant_idx" ON "credit_entries"  ("organization_id", "seq") WHERE type = 'grant'`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
