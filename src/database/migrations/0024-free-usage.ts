import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "credit_entries" DROP CONSTRAINT "credit_entries_amount_check"`,
  `ALTER TABLE "credit_entries" ADD CONSTRAINT "credit_entries_amount_check" CHECK (amount > 0 or amount = 0 and type = 'charge')`,
];

/** Allows charges for usage at price 0. */
export class FreeUsage1796400000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
