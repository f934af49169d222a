import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "sessions" ADD "method" text NOT NULL DEFAULT 'password'`,
  `ALTER TABLE "sessions" ADD "factors" text array NOT NULL DEFAULT '{}'`,
  `ALTER TABLE "sessions" ADD "sso_organization_id" uuid`,
  `ALTER TABLE "sessions" ADD "proved_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()`,
  `UPDATE "sessions" SET "proved_at" = "created_at"`,
];

export class SessionProof1795306861678 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
