import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "organizations" ADD "unit_limit" integer`,
  `ALTER TABLE "organizations" ADD CONSTRAINT "organizations_unit_limit_check" CHECK (unit_limit >= 0)`,
];

export class OwnUnitLimit1795321324007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
