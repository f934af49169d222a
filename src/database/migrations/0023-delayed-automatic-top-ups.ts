import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps why automatic top-up waits, so that it is told once. */
export class DelayedAutomaticTopUps1796400000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "auto_top_ups" ADD "delayed_because" text');
    await runner.query('ALTER TABLE "auto_top_ups" ADD "delay_told_until" TIMESTAMP(3) WITH TIME ZONE');
    await runner.query('ALTER TABLE "auto_top_ups" ADD "failures" integer NOT NULL DEFAULT 0');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
