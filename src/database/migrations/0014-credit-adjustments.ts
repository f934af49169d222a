import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE INDEX "credit_entries_api_key_id_idx" ON "credit_entries"  ("organization_id", "api_key_id", "created_at", "seq") WHERE api_key_id is not null`,
  `CREATE TABLE "credit_adjustments" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "amount" bigint NOT NULL, "reason" text NOT NULL, "state" text NOT NULL, "requested_by" uuid NOT NULL, "decided_by" uuid, "decided_at" TIMESTAMP(3) WITH TIME ZONE, "entry_id" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "credit_adjustments_two_check" CHECK (decided_by <> requested_by), CONSTRAINT "credit_adjustments_decided_check" CHECK ((state = 'pending') = (decided_at is null)), CONSTRAINT "credit_adjustments_state_check" CHECK (state in ('pending', 'done', 'declined')), CONSTRAINT "credit_adjustments_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "credit_adjustments_created_at_idx" ON "credit_adjustments"  ("organization_id", "created_at", "id")`,
  `ALTER TABLE "credit_adjustments" ADD CONSTRAINT "credit_adjustments_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_accounts"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class CreditAdjustments1795298816346 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
