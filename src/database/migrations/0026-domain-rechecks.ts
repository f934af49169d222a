import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "organization_domains" ADD "missing_since" TIMESTAMP(3) WITH TIME ZONE`,
  `CREATE INDEX "organization_domains_last_checked_at_idx" ON "organization_domains"  ("last_checked_at") WHERE verified_at is not null`,
];

export class DomainRechecks1795323333306 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
