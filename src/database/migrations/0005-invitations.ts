import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "organization_invitations" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "email" text NOT NULL, "role" text NOT NULL, "unit_ids" uuid array NOT NULL, "message" text, "state" text NOT NULL, "ttl_seconds" integer NOT NULL, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "token_hash" text NOT NULL, "invited_by" uuid NOT NULL, "accepted_by" uuid, "mailed_at" TIMESTAMP WITH TIME ZONE array NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "decided_at" TIMESTAMP(3) WITH TIME ZONE, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "organization_invitations_token_hash_key" UNIQUE ("organization_id", "token_hash"), CONSTRAINT "organization_invitations_email_check" CHECK (email = lower(email)), CONSTRAINT "organization_invitations_state_check" CHECK (state in ('pending', 'accepted', 'declined', 'revoked')), CONSTRAINT "organization_invitations_role_check" CHECK (role in ('user', 'manager', 'admin')), CONSTRAINT "organization_invitations_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "organization_invitations_invited_by_idx" ON "organization_invitations"  ("organization_id", "invited_by") WHERE state = 'pending'`,
  `CREATE INDEX "organization_invitations_created_at_idx" ON "organization_invitations"  ("organization_id", "created_at", "id")`,
  `CREATE INDEX "organization_invitations_email_idx" ON "organization_invitations"  ("email")`,
  `CREATE INDEX "organization_invitations_token_hash_idx" ON "organization_invitations"  ("token_hash")`,
  `CREATE UNIQUE INDEX "organization_invitations_pending_key" ON "organization_invitations"  ("organization_id", "email") WHERE state = 'pending'`,
  `ALTER TABLE "organization_invitations" ADD CONSTRAINT "organization_invitations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Invitations1795290633147 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
