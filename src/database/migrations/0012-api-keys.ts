import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "idempotency_keys" DROP CONSTRAINT "idempotency_keys_user_id_fkey"`,
  `ALTER TABLE "idempotency_keys" RENAME COLUMN "user_id" TO "caller_id"`,
  `CREATE TABLE "organization_api_keys" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "name" text NOT NULL, "hint" text NOT NULL, "key_hash" text NOT NULL, "role" text NOT NULL, "role_ids" text array NOT NULL, "unit_ids" uuid array, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE, "revoked_at" TIMESTAMP(3) WITH TIME ZONE, "last_used_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "organization_api_keys_key_hash_key" UNIQUE ("organization_id", "key_hash"), CONSTRAINT "organization_api_keys_unit_ids_check" CHECK (unit_ids <> '{}'), CONSTRAINT "organization_api_keys_role_check" CHECK (role in ('user', 'manager', 'admin')), CONSTRAINT "organization_api_keys_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "organization_api_keys_created_by_idx" ON "organization_api_keys"  ("organization_id", "created_by")`,
  `CREATE INDEX "organization_api_keys_created_at_idx" ON "organization_api_keys"  ("organization_id", "created_at", "id")`,
  `CREATE INDEX "organization_api_keys_key_hash_idx" ON "organization_api_keys"  ("key_hash")`,
  `ALTER TABLE "organization_api_keys" ADD CONSTRAINT "organization_api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class ApiKeys1795297438281 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
