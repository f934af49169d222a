import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "runs" ("organization_id" uuid NOT NULL, "id" uuid NOT NULL, "cluster_id" uuid NOT NULL, "preset" text NOT NULL, "unit_id" uuid NOT NULL, "member_id" uuid, "api_key_id" uuid, "name" text, "metadata" jsonb, "rate" bigint NOT NULL, "heartbeat_timeout_seconds" integer NOT NULL, "started_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "heartbeat_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "deadline_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "settled_seconds" integer NOT NULL, "charged" bigint NOT NULL, "covered_seconds" integer NOT NULL, "hold_id" uuid, "checked_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "next_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "stopped_at" TIMESTAMP(3) WITH TIME ZONE, "stop_reason" text, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "runs_reason_check" CHECK (stop_reason in ('stopped', 'credits_exhausted', 'quota', 'suspended', 'deleted', 'access_removed', 'lost')), CONSTRAINT "runs_over_check" CHECK (stopped_at is null or hold_id is null), CONSTRAINT "runs_stopped_check" CHECK ((stopped_at is null) = (stop_reason is null)), CONSTRAINT "runs_heartbeat_check" CHECK (heartbeat_timeout_seconds > 0), CONSTRAINT "runs_settled_check" CHECK (settled_seconds >= 0 and covered_seconds >= settled_seconds), CONSTRAINT "runs_charged_check" CHECK (charged = ceil(rate::numeric * settled_seconds / 3600)), CONSTRAINT "runs_rate_check" CHECK (rate >= 0), CONSTRAINT "runs_pkey" PRIMARY KEY ("organization_id", "id"))`,
  `CREATE INDEX "runs_due_idx" ON "runs"  ("next_at") WHERE stopped_at is null`,
  `CREATE INDEX "runs_running_idx" ON "runs"  ("organization_id", "next_at") WHERE stopped_at is null`,
  `CREATE INDEX "runs_started_at_idx" ON "runs"  ("organization_id", "started_at", "id")`,
  `CREATE INDEX "runs_cluster_id_idx" ON "runs"  ("cluster_id")`,
  `CREATE TABLE "run_limits" ("organization_id" uuid NOT NULL, "scope" text NOT NULL, "subject_id" uuid NOT NULL, "running" integer NOT NULL, CONSTRAINT "run_limits_running_check" CHECK (running >= 0), CONSTRAINT "run_limits_scope_check" CHECK (scope in ('organization', 'unit', 'member_default', 'member', 'api_key')), CONSTRAINT "run_limits_pkey" PRIMARY KEY ("organization_id", "scope", "subject_id"))`,
  `CREATE TABLE "cluster_organizations" ("organization_id" uuid NOT NULL, "cluster_id" uuid NOT NULL, "added_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "added_by" uuid, "removed_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "cluster_organizations_pkey" PRIMARY KEY ("organization_id", "cluster_id"))`,
  `CREATE INDEX "cluster_organizations_cluster_id_idx" ON "cluster_organizations"  ("cluster_id", "organization_id")`,
  `CREATE TABLE "clusters" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "slug" text NOT NULL, "name" text NOT NULL, "description" text, "location" text, "endpoint" text, "presets" jsonb NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "archived_at" TIMESTAMP(3) WITH TIME ZONE, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "clusters_pkey" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "clusters_operator_id_slug_key" ON "clusters"  ("operator_id", "slug") WHERE archived_at is null`,
  `CREATE INDEX "clusters_operator_id_name_idx" ON "clusters"  ("operator_id", "name", "id")`,
  `ALTER TABLE "credit_holds" ADD "run_id" uuid`,
  `CREATE INDEX "credit_holds_run_id_idx" ON "credit_holds"  ("organization_id", "run_id") WHERE run_id is not null`,
  `ALTER TABLE "runs" ADD CONSTRAINT "runs_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "runs" ADD CONSTRAINT "runs_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "run_limits" ADD CONSTRAINT "run_limits_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "cluster_organizations" ADD CONSTRAINT "cluster_organizations_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "clusters"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "cluster_organizations" ADD CONSTRAINT "cluster_organizations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "clusters" ADD CONSTRAINT "clusters_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Runs1795308903920 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
