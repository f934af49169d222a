import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "artifacts" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "unit_id" uuid NOT NULL, "name" text NOT NULL, "kind" text NOT NULL, "uri" text NOT NULL, "size_bytes" bigint, "sha256" text, "run_id" uuid, "metadata" jsonb, "member_id" uuid, "api_key_id" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "artifacts_sha256_check" CHECK (sha256 ~ '^[0-9a-f]{64}$'), CONSTRAINT "artifacts_size_bytes_check" CHECK (size_bytes >= 0), CONSTRAINT "artifacts_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "artifacts_run_id_idx" ON "artifacts"  ("organization_id", "run_id") WHERE run_id is not null`,
  `CREATE INDEX "artifacts_unit_id_idx" ON "artifacts"  ("organization_id", "unit_id", "created_at", "id")`,
  `CREATE INDEX "artifacts_created_at_idx" ON "artifacts"  ("organization_id", "created_at", "id")`,
  `CREATE INDEX artifacts_search_idx ON artifacts USING gin ((name || ' ' || uri) gin_trgm_ops)`,
  `ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_organization_id_unit_id_fkey" FOREIGN KEY ("organization_id", "unit_id") REFERENCES "units"("organization_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

/** Describes the files that workloads made. */
export class Artifacts1796500000038 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
