import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Remembers for which organizations a job failed, so that they wait and do not keep others from their turn. */
export class JobFailures1796400000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "job_failures" ("job" text NOT NULL, "id" text NOT NULL, "failures" integer NOT NULL DEFAULT 1, "error" text NOT NULL, "retry_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, CONSTRAINT "job_failures_pkey" PRIMARY KEY ("job", "id"))`,
    );
    await runner.query('CREATE INDEX "job_failures_retry_at_idx" ON "job_failures" ("retry_at")');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
