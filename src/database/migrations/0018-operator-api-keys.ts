import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "operator_api_keys" ("name" text NOT NULL, "hint" text NOT NULL, "key_hash" text NOT NULL, "role" text NOT NULL, "permissions" text array NOT NULL, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "expires_at" TIMESTAMP(3) WITH TIME ZONE, "revoked_at" TIMESTAMP(3) WITH TIME ZONE, "last_used_at" TIMESTAMP(3) WITH TIME ZONE, "id" uuid NOT NULL, "operator_id" uuid NOT NULL, "last_used_ip" text, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "operator_api_keys_key_hash_key" UNIQUE ("key_hash"), CONSTRAINT "operator_api_keys_role_check" CHECK (role in ('manager', 'admin')), CONSTRAINT "operator_api_keys_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "operator_api_keys_created_by_idx" ON "operator_api_keys"  ("created_by")`,
  `CREATE INDEX "operator_api_keys_created_at_idx" ON "operator_api_keys"  ("operator_id", "created_at", "id")`,
  `ALTER TABLE "operator_api_keys" ADD CONSTRAINT "operator_api_keys_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

/** Adds API keys of operators. */
export class OperatorApiKeys1796400000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
