import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "session_claims" ("session_id" uuid NOT NULL, "organization_id" uuid NOT NULL, "connection_id" uuid NOT NULL, "claims" jsonb NOT NULL, CONSTRAINT "session_claims_pkey" PRIMARY KEY ("session_id"))`,
  `CREATE INDEX "session_claims_organization_id_idx" ON "session_claims"  ("organization_id", "connection_id")`,
  `CREATE TABLE "sso_connections" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "type" text NOT NULL, "name" text NOT NULL, "enabled" boolean NOT NULL, "position" integer NOT NULL, "require_verified_email" boolean NOT NULL, "settings" jsonb NOT NULL, "mapping" jsonb NOT NULL, "secret" text, "last_test" jsonb, "created_by" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "sso_connections_type_check" CHECK (type in ('oidc', 'saml')), CONSTRAINT "sso_connections_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "sso_connections_position_idx" ON "sso_connections"  ("organization_id", "position", "id")`,
  `CREATE INDEX "sso_connections_id_idx" ON "sso_connections"  ("id")`,
  `CREATE TABLE "sso_identities" ("organization_id" uuid NOT NULL, "connection_id" uuid NOT NULL, "subject" text NOT NULL, "id" uuid NOT NULL, "user_id" uuid NOT NULL, "linked_by" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "last_used_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "sso_identities_id_key" UNIQUE ("organization_id", "id"), CONSTRAINT "sso_identities_pkey" PRIMARY KEY ("organization_id", "connection_id", "subject"))`,
  `CREATE INDEX "sso_identities_user_id_idx" ON "sso_identities"  ("user_id")`,
  `ALTER TABLE "session_claims" ADD CONSTRAINT "session_claims_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE "sso_connections" ADD CONSTRAINT "sso_connections_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "sso_identities" ADD CONSTRAINT "sso_identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "sso_identities" ADD CONSTRAINT "sso_identities_organization_id_connection_id_fkey" FOREIGN KEY ("organization_id", "connection_id") REFERENCES "sso_connections"("organization_id","id") ON DELETE CASCADE ON UPDATE NO ACTION`,
];

export class SingleSignOn1795308270960 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
