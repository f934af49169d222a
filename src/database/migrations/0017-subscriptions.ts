import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "subscriptions" ("organization_id" uuid NOT NULL, "plan_id" uuid NOT NULL, "next_plan_id" uuid, "anchor_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "period_start" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "period_end" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "trial_ends_at" TIMESTAMP(3) WITH TIME ZONE, "cancel_at_period_end" boolean NOT NULL, "past_due_at" TIMESTAMP(3) WITH TIME ZONE, "cancelled_at" TIMESTAMP(3) WITH TIME ZONE, "credits" bigint NOT NULL, "entitled" bigint NOT NULL, "granted" bigint NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "version" integer NOT NULL DEFAULT '1', CONSTRAINT "subscriptions_granted_check" CHECK (granted >= 0), CONSTRAINT "subscriptions_credits_check" CHECK (credits >= 0), CONSTRAINT "subscriptions_period_check" CHECK (period_start < period_end), CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("organization_id"))`,
  `CREATE INDEX "subscriptions_period_end_idx" ON "subscriptions"  ("period_end") WHERE cancelled_at is null`,
  `CREATE INDEX "subscriptions_next_plan_id_idx" ON "subscriptions"  ("next_plan_id") WHERE next_plan_id is not null`,
  `CREATE INDEX "subscriptions_plan_id_idx" ON "subscriptions"  ("plan_id")`,
  `CREATE TABLE "subscription_periods" ("organization_id" uuid NOT NULL, "period_start" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "period_end" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "plan_id" uuid NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "subscription_periods_pkey" PRIMARY KEY ("organization_id", "period_start"))`,
  `CREATE INDEX "subscription_periods_plan_id_idx" ON "subscription_periods"  ("plan_id")`,
  `CREATE TABLE "plans" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "name" text NOT NULL, "description" text, "seat_limit" integer, "unit_limit" integer, "monthly_credits" bigint NOT NULL, "price_minor" integer NOT NULL, "currency" text NOT NULL, "trial_days" integer NOT NULL, "is_default" boolean NOT NULL, "self_service" boolean NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "archived_at" TIMESTAMP(3) WITH TIME ZONE, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "plans_default_check" CHECK (not is_default or archived_at is null), CONSTRAINT "plans_trial_days_check" CHECK (trial_days between 0 and 365), CONSTRAINT "plans_currency_check" CHECK (currency ~ '^[A-Z]{3}$'), CONSTRAINT "plans_price_minor_check" CHECK (price_minor >= 0), CONSTRAINT "plans_monthly_credits_check" CHECK (monthly_credits >= 0), CONSTRAINT "plans_unit_limit_check" CHECK (unit_limit >= 1), CONSTRAINT "plans_seat_limit_check" CHECK (seat_limit >= 1), CONSTRAINT "plans_pkey" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "plans_default_key" ON "plans"  ("operator_id") WHERE is_default`,
  `CREATE UNIQUE INDEX "plans_operator_id_name_key" ON "plans"  ("operator_id", "name") WHERE archived_at is null`,
  `CREATE INDEX "plans_operator_id_created_at_idx" ON "plans"  ("operator_id", "created_at", "id")`,
  `ALTER TABLE "organizations" ADD "plan_id" uuid`,
  `CREATE INDEX "organizations_plan_id_idx" ON "organizations"  ("plan_id") WHERE plan_id is not null`,
  `ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_next_plan_id_fkey" FOREIGN KEY ("next_plan_id") REFERENCES "plans"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "subscription_periods" ADD CONSTRAINT "subscription_periods_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "subscription_periods" ADD CONSTRAINT "subscription_periods_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "subscriptions"("organization_id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "plans" ADD CONSTRAINT "plans_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "organizations" ADD CONSTRAINT "organizations_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Subscriptions1795306920810 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
