import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "clients" ("id" uuid NOT NULL, "operator_id" uuid NOT NULL, "name" text NOT NULL, "audience" text NOT NULL, "secret_hash" text NOT NULL, "previous_secret_hash" text, "previous_secret_expires_at" TIMESTAMP(3) WITH TIME ZONE, "secret_created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "version" integer NOT NULL DEFAULT '1', CONSTRAINT "clients_audience_key" UNIQUE ("operator_id", "audience"), CONSTRAINT "clients_pkey" PRIMARY KEY ("id"))`,
  `ALTER TABLE "refresh_tokens" ADD "audience" text`,
  `ALTER TABLE "clients" ADD CONSTRAINT "clients_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Clients1795318961387 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
