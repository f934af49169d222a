import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "organization_members" ADD "directory_email" text`,
  `ALTER TABLE "organization_members" ADD "directory_name" text`,
  `ALTER TABLE "email_changes" ALTER COLUMN "session_id" DROP NOT NULL`,
];

export class DirectoryDetails1796200000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
