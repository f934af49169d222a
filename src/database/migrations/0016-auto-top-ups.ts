import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "credit_alerts" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "kind" text NOT NULL, "threshold" bigint NOT NULL, "enabled" boolean NOT NULL, "firing" boolean NOT NULL DEFAULT false, "last_fired_at" TIMESTAMP(3) WITH TIME ZONE, "created_by" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "version" integer NOT NULL DEFAULT '1', CONSTRAINT "credit_alerts_threshold_check" CHECK (threshold > 0), CONSTRAINT "credit_alerts_kind_check" CHECK (kind in ('balance', 'timeToZero', 'emptyFor')), CONSTRAINT "credit_alerts_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE TABLE "credit_crossings" ("organization_id" uuid NOT NULL, "seq" bigint NOT NULL, "line" bigint NOT NULL, "available" bigint NOT NULL, "crossed_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "credit_crossings_pkey" PRIMARY KEY ("organization_id", "seq", "line"))`,
  `CREATE TABLE "auto_top_ups" ("organization_id" uuid NOT NULL, "enabled" boolean NOT NULL, "threshold" bigint NOT NULL, "amount" bigint, "target" bigint, "daily_cap" bigint, "monthly_cap" bigint, "method" jsonb NOT NULL, "declines" integer NOT NULL DEFAULT '0', "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "stopped_because" text, "updated_by" uuid NOT NULL, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "auto_top_ups_cap_check" CHECK (daily_cap > 0 and monthly_cap > 0), CONSTRAINT "auto_top_ups_amount_check" CHECK ((amount is null) <> (target is null) and amount > 0 and target > threshold), CONSTRAINT "auto_top_ups_threshold_check" CHECK (threshold > 0), CONSTRAINT "auto_top_ups_pkey" PRIMARY KEY ("organization_id"))`,
  `CREATE INDEX "auto_top_ups_next_attempt_at_idx" ON "auto_top_ups"  ("next_attempt_at") WHERE enabled`,
  `ALTER TABLE "credit_accounts" ADD "lines" bigint array`,
  `ALTER TABLE "top_ups" ADD "keep_method" boolean NOT NULL DEFAULT false`,
  `ALTER TABLE "credit_alerts" ADD CONSTRAINT "credit_alerts_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_accounts"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "credit_crossings" ADD CONSTRAINT "credit_crossings_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_accounts"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "auto_top_ups" ADD CONSTRAINT "auto_top_ups_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "credit_accounts"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class AutoTopUps1795311332134 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
