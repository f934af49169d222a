import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "top_up_packages" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "name" text NOT NULL, "credits" bigint NOT NULL, "price_minor" bigint NOT NULL, "currency" text NOT NULL, "active" boolean NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "top_up_packages_price_minor_check" CHECK (price_minor > 0), CONSTRAINT "top_up_packages_credits_check" CHECK (credits > 0), CONSTRAINT "top_up_packages_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "top_up_packages_operator_id_idx" ON "top_up_packages"  ("operator_id", "price_minor", "id")`,
  `CREATE TABLE "sandbox_payments" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "state" text NOT NULL, "title" text NOT NULL, "amount_minor" bigint NOT NULL, "currency" text NOT NULL, "refunded_minor" bigint NOT NULL DEFAULT '0', "return_url" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "sandbox_payments_refunded_check" CHECK (refunded_minor between 0 and amount_minor), CONSTRAINT "sandbox_payments_state_check" CHECK (state in ('open', 'declined', 'paid', 'disputed', 'won', 'lost')), CONSTRAINT "sandbox_payments_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE TABLE "operator_top_up_settings" ("operator_id" uuid NOT NULL, "currency" text NOT NULL, "credit_price" bigint NOT NULL, "return_origins" text array NOT NULL, "bank_details" text, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "operator_top_up_settings_price_check" CHECK (credit_price > 0), CONSTRAINT "operator_top_up_settings_pkey" PRIMARY KEY ("operator_id"))`,
  `CREATE TABLE "top_ups" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "state" text NOT NULL, "credits" bigint NOT NULL, "price_minor" bigint NOT NULL, "currency" text NOT NULL, "package_id" uuid, "provider" text NOT NULL, "checkout_id" text, "checkout_url" text, "payment_id" text, "return_url" text NOT NULL, "auto" boolean NOT NULL DEFAULT false, "requested_by" uuid NOT NULL, "request_key" text, "request_hash" text, "lot_id" uuid, "paid_at" TIMESTAMP(3) WITH TIME ZONE, "granted_at" TIMESTAMP(3) WITH TIME ZONE, "refunded_minor" bigint NOT NULL, "disputes" jsonb NOT NULL, "clawed_back" bigint NOT NULL DEFAULT '0', "frozen" bigint NOT NULL DEFAULT '0', "failure" text, "next_look_at" TIMESTAMP(3) WITH TIME ZONE, "looks" integer NOT NULL DEFAULT '0', "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "top_ups_granted_check" CHECK ((lot_id is null) = (granted_at is null)), CONSTRAINT "top_ups_provider_check" CHECK (provider in ('stripe', 'sandbox', 'manual')), CONSTRAINT "top_ups_state_check" CHECK (state in ('created', 'checkout_open', 'paid', 'granted', 'partially_refunded', 'refunded', 'disputed', 'won', 'lost', 'failed')), CONSTRAINT "top_ups_clawed_back_check" CHECK (clawed_back >= 0 and frozen >= 0 and clawed_back + frozen <= credits), CONSTRAINT "top_ups_refunded_minor_check" CHECK (refunded_minor between 0 and price_minor), CONSTRAINT "top_ups_price_minor_check" CHECK (price_minor > 0), CONSTRAINT "top_ups_credits_check" CHECK (credits > 0), CONSTRAINT "top_ups_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "top_ups_next_look_at_idx" ON "top_ups"  ("next_look_at") WHERE next_look_at is not null`,
  `CREATE INDEX "top_ups_payment_id_idx" ON "top_ups"  ("payment_id") WHERE payment_id is not null`,
  `CREATE INDEX "top_ups_checkout_id_idx" ON "top_ups"  ("checkout_id") WHERE checkout_id is not null`,
  `CREATE INDEX "top_ups_id_idx" ON "top_ups"  ("id")`,
  `CREATE UNIQUE INDEX "top_ups_auto_key" ON "top_ups"  ("organization_id") WHERE auto and state in ('created', 'checkout_open', 'paid')`,
  `CREATE UNIQUE INDEX "top_ups_request_key_key" ON "top_ups"  ("organization_id", "request_key") WHERE request_key is not null`,
  `CREATE INDEX "top_ups_created_at_idx" ON "top_ups"  ("organization_id", "created_at", "id")`,
  `CREATE TABLE "payment_notices" ("provider" text NOT NULL, "id" text NOT NULL, "type" text NOT NULL, "payment_id" text, "top_up_id" uuid, "notice" jsonb, "waiting" boolean NOT NULL DEFAULT false, "received_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "payment_notices_pkey" PRIMARY KEY ("provider", "id"))`,
  `CREATE INDEX "payment_notices_received_at_idx" ON "payment_notices"  ("received_at")`,
  `CREATE INDEX "payment_notices_waiting_idx" ON "payment_notices"  ("provider", "payment_id") WHERE waiting`,
  `ALTER TABLE "credit_accounts" ADD "owed" bigint NOT NULL DEFAULT '0'`,
  `ALTER TABLE "credit_accounts" ADD CONSTRAINT "credit_accounts_owed_check" CHECK (owed >= 0)`,
  `ALTER TABLE "top_up_packages" ADD CONSTRAINT "top_up_packages_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "sandbox_payments" ADD CONSTRAINT "sandbox_payments_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "operator_top_up_settings" ADD CONSTRAINT "operator_top_up_settings_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class TopUps1795307589163 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
