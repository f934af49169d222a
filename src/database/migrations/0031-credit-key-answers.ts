import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "credit_keys" ALTER COLUMN "answer" DROP NOT NULL`,
  `ALTER TABLE "credit_keys" ADD CONSTRAINT "credit_keys_answer_check" CHECK (answer is not null or seq is not null)`,
];

export class CreditKeyAnswers1795333815850 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
