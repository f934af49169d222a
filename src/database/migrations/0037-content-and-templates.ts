import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "content_adoptions" ("organization_id" uuid NOT NULL, "item_id" uuid NOT NULL, "pinned" integer, "overrides" jsonb NOT NULL, "based_on" integer NOT NULL, "updated_by" uuid, "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "revision" integer NOT NULL DEFAULT '1', CONSTRAINT "content_adoptions_pkey" PRIMARY KEY ("organization_id", "item_id"))`,
  `CREATE INDEX "content_adoptions_item_id_idx" ON "content_adoptions"  ("item_id")`,
  `CREATE TABLE "content_items" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "kind" text NOT NULL, "key" text NOT NULL, "audience_mode" text NOT NULL, "latest_version" integer NOT NULL DEFAULT '1', "published_version" integer, "withdrawn_at" TIMESTAMP(3) WITH TIME ZONE, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "revision" integer NOT NULL DEFAULT '1', CONSTRAINT "content_items_operator_id_kind_key_key" UNIQUE ("operator_id", "kind", "key"), CONSTRAINT "content_items_audience_mode_check" CHECK (audience_mode in ('all', 'only', 'except')), CONSTRAINT "content_items_kind_check" CHECK (kind in ('template', 'content')), CONSTRAINT "content_items_pkey" PRIMARY KEY ("id"))`,
  `CREATE TABLE "content_versions" ("item_id" uuid NOT NULL, "number" integer NOT NULL, "title" text NOT NULL, "body" text NOT NULL, "format" text NOT NULL, "fields" jsonb NOT NULL, "attachments" jsonb NOT NULL, "created_by" uuid, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "published_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "content_versions_format_check" CHECK (format in ('markdown', 'json', 'text')), CONSTRAINT "content_versions_pkey" PRIMARY KEY ("item_id", "number"))`,
  `CREATE TABLE "content_audiences" ("organization_id" uuid NOT NULL, "item_id" uuid NOT NULL, CONSTRAINT "content_audiences_pkey" PRIMARY KEY ("organization_id", "item_id"))`,
  `CREATE INDEX "content_audiences_item_id_idx" ON "content_audiences"  ("item_id", "organization_id")`,
  `CREATE TABLE "content_publications" ("id" uuid NOT NULL, "item_id" uuid NOT NULL, "number" integer NOT NULL, "state" text NOT NULL, "scheduled_at" TIMESTAMP(3) WITH TIME ZONE, "total" integer NOT NULL DEFAULT '0', "done" integer NOT NULL DEFAULT '0', "cursor" uuid, "actor_type" text NOT NULL, "actor_id" uuid, "request_id" text NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "started_at" TIMESTAMP(3) WITH TIME ZONE, "finished_at" TIMESTAMP(3) WITH TIME ZONE, "worked_at" TIMESTAMP(3) WITH TIME ZONE, CONSTRAINT "content_publications_state_check" CHECK (state in ('scheduled', 'publishing', 'published', 'cancelled')), CONSTRAINT "content_publications_pkey" PRIMARY KEY ("id"))`,
  `CREATE INDEX "content_publications_scheduled_at_idx" ON "content_publications"  ("scheduled_at") WHERE state = 'scheduled'`,
  `CREATE INDEX "content_publications_worked_at_idx" ON "content_publications"  ("worked_at") WHERE state = 'publishing'`,
  `CREATE UNIQUE INDEX "content_publications_active_key" ON "content_publications"  ("item_id") WHERE state = 'scheduled' or state = 'publishing'`,
  `CREATE INDEX "content_publications_item_id_idx" ON "content_publications"  ("item_id", "created_at")`,
  `CREATE TABLE "content_publication_failures" ("organization_id" uuid NOT NULL, "publication_id" uuid NOT NULL, CONSTRAINT "content_publication_failures_pkey" PRIMARY KEY ("organization_id", "publication_id"))`,
  `CREATE INDEX "content_publication_failures_publication_id_idx" ON "content_publication_failures"  ("publication_id")`,
  `ALTER TABLE "content_adoptions" ADD CONSTRAINT "content_adoptions_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "content_items"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_adoptions" ADD CONSTRAINT "content_adoptions_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_items" ADD CONSTRAINT "content_items_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_versions" ADD CONSTRAINT "content_versions_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "content_items"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_audiences" ADD CONSTRAINT "content_audiences_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "content_items"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_audiences" ADD CONSTRAINT "content_audiences_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_publications" ADD CONSTRAINT "content_publications_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "content_items"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_publication_failures" ADD CONSTRAINT "content_publication_failures_publication_id_fkey" FOREIGN KEY ("publication_id") REFERENCES "content_publications"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "content_publication_failures" ADD CONSTRAINT "content_publication_failures_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `-- Keeps published versions of documents as they are.
create or replace function refuse_content_change() returns trigger language plpgsql as $$
begin
  if old.published_at is not null and (tg_op = 'DELETE' or row(new.*) is distinct from row(old.*)) then
    raise exception 'published versions never change' using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;

create or replace trigger content_versions_immutable before update or delete on content_versions
  for each row execute function refuse_content_change();`,
];

/** Templates and content items that operators publish to organizations. */
export class ContentAndTemplates1796500000037 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
