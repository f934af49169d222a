import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets members switch off notices about an organization. */
export class MutedNotices1796500000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "organization_members" ADD "muted_notices" text array NOT NULL DEFAULT '{}'`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
