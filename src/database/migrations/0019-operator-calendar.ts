import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Days, weeks and months follow the time zone of the operator. Sums in another one are computed again. */
export class OperatorCalendar1796400000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "credit_rollups" ADD "time_zone" text NOT NULL DEFAULT 'UTC'`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
