import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `-- Returns the number of the current transaction, by which those who read the log of events as it grows find their place.
create or replace function current_transaction() returns bigint language sql volatile as $$
  select pg_current_xact_id()::text::bigint
$$`,
  `CREATE TABLE "organization_webhooks" ("url" text NOT NULL, "description" text, "event_types" text array NOT NULL, "headers" text NOT NULL, "secret" text NOT NULL, "previous_secret" text, "previous_secret_until" TIMESTAMP(3) WITH TIME ZONE, "active" boolean NOT NULL, "disabled_reason" text, "healthy" boolean NOT NULL DEFAULT false, "failing_since" TIMESTAMP(3) WITH TIME ZONE, "due_at" TIMESTAMP(3) WITH TIME ZONE, "leased_until" TIMESTAMP(3) WITH TIME ZONE, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', "organization_id" uuid NOT NULL, "id" uuid NOT NULL, CONSTRAINT "organization_webhooks_disabled_reason_check" CHECK (disabled_reason in ('gone', 'failing')), CONSTRAINT "organization_webhooks_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "organization_webhooks_due_idx" ON "organization_webhooks"  ("healthy", "due_at") WHERE active and due_at is not null`,
  `CREATE TABLE "operator_webhooks" ("url" text NOT NULL, "description" text, "event_types" text array NOT NULL, "headers" text NOT NULL, "secret" text NOT NULL, "previous_secret" text, "previous_secret_until" TIMESTAMP(3) WITH TIME ZONE, "active" boolean NOT NULL, "disabled_reason" text, "healthy" boolean NOT NULL DEFAULT false, "failing_since" TIMESTAMP(3) WITH TIME ZONE, "due_at" TIMESTAMP(3) WITH TIME ZONE, "leased_until" TIMESTAMP(3) WITH TIME ZONE, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', "operator_id" uuid NOT NULL, "id" uuid NOT NULL, CONSTRAINT "operator_webhooks_disabled_reason_check" CHECK (disabled_reason in ('gone', 'failing')), CONSTRAINT "operator_webhooks_pkey" PRIMARY KEY ("operator_id", "id"))`,
  `CREATE INDEX "operator_webhooks_due_idx" ON "operator_webhooks"  ("healthy", "due_at") WHERE active and due_at is not null`,
  `CREATE TABLE "organization_webhook_deliveries" ("webhook_id" uuid NOT NULL, "position" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "event_id" uuid, "type" text NOT NULL, "subject_id" text NOT NULL, "state" text NOT NULL DEFAULT 'pending', "attempts" integer NOT NULL DEFAULT '0', "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE, "attempted_at" TIMESTAMP(3) WITH TIME ZONE, "status" integer, "error" text, "response" text, "duration_ms" integer, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "organization_id" uuid NOT NULL, "id" uuid NOT NULL, CONSTRAINT "organization_webhook_deliveries_state_check" CHECK ((state = 'pending') = (next_attempt_at is not null)), CONSTRAINT "organization_webhook_deliveries_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "organization_webhook_deliveries_old_idx" ON "organization_webhook_deliveries"  ("created_at")`,
  `CREATE INDEX "organization_webhook_deliveries_subject_idx" ON "organization_webhook_deliveries"  ("organization_id", "webhook_id", "subject_id") WHERE state = 'pending'`,
  `CREATE INDEX "organization_webhook_deliveries_due_idx" ON "organization_webhook_deliveries"  ("organization_id", "webhook_id", "next_attempt_at", "position") WHERE state = 'pending'`,
  `CREATE INDEX "organization_webhook_deliveries_created_at_idx" ON "organization_webhook_deliveries"  ("organization_id", "webhook_id", "created_at", "id")`,
  `CREATE UNIQUE INDEX "organization_webhook_deliveries_event_key" ON "organization_webhook_deliveries"  ("organization_id", "webhook_id", "event_id") WHERE event_id is not null`,
  `CREATE TABLE "operator_webhook_deliveries" ("webhook_id" uuid NOT NULL, "position" bigint GENERATED ALWAYS AS IDENTITY NOT NULL, "event_id" uuid, "type" text NOT NULL, "subject_id" text NOT NULL, "state" text NOT NULL DEFAULT 'pending', "attempts" integer NOT NULL DEFAULT '0', "next_attempt_at" TIMESTAMP(3) WITH TIME ZONE, "attempted_at" TIMESTAMP(3) WITH TIME ZONE, "status" integer, "error" text, "response" text, "duration_ms" integer, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "operator_id" uuid NOT NULL, "id" uuid NOT NULL, "event_organization_id" uuid, CONSTRAINT "operator_webhook_deliveries_state_check" CHECK ((state = 'pending') = (next_attempt_at is not null)), CONSTRAINT "operator_webhook_deliveries_pkey" PRIMARY KEY ("operator_id", "id"))`,
  `CREATE INDEX "operator_webhook_deliveries_old_idx" ON "operator_webhook_deliveries"  ("created_at")`,
  `CREATE INDEX "operator_webhook_deliveries_subject_idx" ON "operator_webhook_deliveries"  ("operator_id", "webhook_id", "subject_id") WHERE state = 'pending'`,
  `CREATE INDEX "operator_webhook_deliveries_due_idx" ON "operator_webhook_deliveries"  ("operator_id", "webhook_id", "next_attempt_at", "position") WHERE state = 'pending'`,
  `CREATE INDEX "operator_webhook_deliveries_created_at_idx" ON "operator_webhook_deliveries"  ("operator_id", "webhook_id", "created_at", "id")`,
  `CREATE UNIQUE INDEX "operator_webhook_deliveries_event_key" ON "operator_webhook_deliveries"  ("operator_id", "webhook_id", "event_id") WHERE event_id is not null`,
  `CREATE TABLE "webhook_cursors" ("stream" text NOT NULL, "transaction_id" bigint NOT NULL, "owner_id" uuid NOT NULL, "seq" bigint NOT NULL, "since" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "webhook_cursors_pkey" PRIMARY KEY ("stream"))`,
  // Not in one statement, which would give the events that exist the number of this transaction.
  `ALTER TABLE "organization_events" ADD "transaction_id" bigint`,
  `ALTER TABLE "organization_events" ALTER "transaction_id" SET DEFAULT current_transaction()`,
  // Not in one statement, which would give the events that exist the number of this transaction.
  `ALTER TABLE "operator_events" ADD "transaction_id" bigint`,
  `ALTER TABLE "operator_events" ALTER "transaction_id" SET DEFAULT current_transaction()`,
  `INSERT INTO "webhook_cursors" ("stream", "transaction_id", "owner_id", "seq", "since")
   SELECT stream, current_transaction(), '00000000-0000-0000-0000-000000000000', 0, now()
   FROM unnest(ARRAY['organization', 'operator']) AS stream`,
  `CREATE INDEX "organization_events_transaction_id_idx" ON "organization_events"  ("transaction_id", "organization_id", "seq") WHERE transaction_id is not null`,
  `CREATE INDEX "operator_events_transaction_id_idx" ON "operator_events"  ("transaction_id", "operator_id", "seq") WHERE transaction_id is not null`,
  `ALTER TABLE "organization_webhooks" ADD CONSTRAINT "organization_webhooks_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "operator_webhooks" ADD CONSTRAINT "operator_webhooks_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "organization_webhook_deliveries" ADD CONSTRAINT "organization_webhook_deliveries_organization_id_webhook_id_fkey" FOREIGN KEY ("organization_id", "webhook_id") REFERENCES "organization_webhooks"("organization_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "operator_webhook_deliveries" ADD CONSTRAINT "operator_webhook_deliveries_operator_id_webhook_id_fkey" FOREIGN KEY ("operator_id", "webhook_id") REFERENCES "operator_webhooks"("operator_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

/** Sends events to addresses of organizations and operators. */
export class Webhooks1796500000039 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
