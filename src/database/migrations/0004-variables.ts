import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "operator_variables" ("value" text NOT NULL, "secret" boolean NOT NULL, "version" integer NOT NULL DEFAULT '1', "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "operator_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "operator_variables_key_check" CHECK (key ~ '^[A-Z][A-Z0-9_]{0,62}$'), CONSTRAINT "operator_variables_pkey" PRIMARY KEY ("operator_id", "key"))`,
  `CREATE TABLE "organization_variables" ("value" text NOT NULL, "secret" boolean NOT NULL, "version" integer NOT NULL DEFAULT '1', "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "organization_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "organization_variables_key_check" CHECK (key ~ '^[A-Z][A-Z0-9_]{0,62}$'), CONSTRAINT "organization_variables_pkey" PRIMARY KEY ("organization_id", "key"))`,
  `CREATE TABLE "unit_variables" ("value" text NOT NULL, "secret" boolean NOT NULL, "version" integer NOT NULL DEFAULT '1', "updated_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "organization_id" uuid NOT NULL, "unit_id" uuid NOT NULL, "key" text NOT NULL, CONSTRAINT "unit_variables_key_check" CHECK (key ~ '^[A-Z][A-Z0-9_]{0,62}$'), CONSTRAINT "unit_variables_pkey" PRIMARY KEY ("organization_id", "unit_id", "key"))`,
  `ALTER TABLE "operator_variables" ADD CONSTRAINT "operator_variables_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "organization_variables" ADD CONSTRAINT "organization_variables_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE "unit_variables" ADD CONSTRAINT "unit_variables_organization_id_unit_id_fkey" FOREIGN KEY ("organization_id", "unit_id") REFERENCES "units"("organization_id","id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class Variables1795289431359 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
