import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Remembers how far the sample data of an operator is loaded. */
export class SampleDataLoads1796500000029 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "sample_data_loads" ("operator_id" uuid NOT NULL, "password_hash" text NOT NULL, "total" integer NOT NULL, "loaded_ids" uuid array NOT NULL DEFAULT '{}', "current_id" uuid, "failure" text, "loader_id" uuid, "leased_until" TIMESTAMP(3) WITH TIME ZONE, "finished_at" TIMESTAMP(3) WITH TIME ZONE, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "sample_data_loads_pkey" PRIMARY KEY ("operator_id"))`,
    );
    await runner.query(
      'ALTER TABLE "sample_data_loads" ADD CONSTRAINT "sample_data_loads_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("id")',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
