import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `create index organization_invitations_search_idx on organization_invitations using gin (email gin_trgm_ops)`,
  `CREATE INDEX "organization_invitations_expires_at_idx" ON "organization_invitations"  ("organization_id", "expires_at", "id")`,
  `CREATE INDEX "organization_invitations_state_idx" ON "organization_invitations"  ("organization_id", "state", "created_at", "id")`,
  `CREATE INDEX "organization_members_role_idx" ON "organization_members"  ("organization_id", "role", "joined_at", "user_id")`,
  `CREATE INDEX "organization_members_user_id_joined_at_idx" ON "organization_members"  ("user_id", "joined_at", "organization_id")`,
  `CREATE INDEX "users_unverified_idx" ON "users"  ("operator_id", "id") WHERE email_verified_at is null`,
  `CREATE INDEX "users_blocked_at_idx" ON "users"  ("operator_id", "id") WHERE blocked_at is not null`,
];

export class ListIndexes1795297172135 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
