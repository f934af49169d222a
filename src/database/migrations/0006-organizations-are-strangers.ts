import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "organization_access_rules" DROP COLUMN "email_domains"`,
  `ALTER TABLE "organization_members" ADD "awaits_entry" boolean NOT NULL DEFAULT false`,
  `ALTER TABLE "operators" ADD "organizations_set_external_id" boolean NOT NULL DEFAULT false`,
  `ALTER TABLE "deactivated_members" RENAME TO "former_members"`,
  `ALTER TABLE "former_members" RENAME COLUMN "deactivated_at" TO "since"`,
  `ALTER TABLE "former_members" RENAME CONSTRAINT "deactivated_members_pkey" TO "former_members_pkey"`,
  `ALTER TABLE "former_members" RENAME CONSTRAINT "deactivated_members_role_check" TO "former_members_role_check"`,
  `ALTER TABLE "former_members" RENAME CONSTRAINT "deactivated_members_user_id_fkey" TO "former_members_user_id_fkey"`,
  `ALTER TABLE "former_members" RENAME CONSTRAINT "deactivated_members_organization_id_fkey" TO "former_members_organization_id_fkey"`,
  `ALTER INDEX "deactivated_members_user_id_idx" RENAME TO "former_members_user_id_idx"`,
  `ALTER TABLE "former_members" ALTER COLUMN "role" DROP NOT NULL`,
  `ALTER TABLE "former_members" ADD "reason" text NOT NULL DEFAULT 'deactivated'`,
  `ALTER TABLE "former_members" ADD CONSTRAINT "former_members_reason_check" CHECK (reason in ('left', 'removed', 'deactivated'))`,
];

export class OrganizationsAreStrangers1796017707607 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
