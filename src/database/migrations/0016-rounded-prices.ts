import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "top_up_packages" ADD "rounded_from_minor" bigint`,
  `ALTER TABLE "top_ups" ADD "rounded_from_minor" bigint`,
];

/** Keeps the price that had to be rounded up to one that the payment provider can charge. */
export class RoundedPrices1796400000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
