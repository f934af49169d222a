import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps what a bank transfer was meant for when staff confirm another amount. */
export class ConfirmedAmounts1796400000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "top_ups" ADD "requested" jsonb`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
