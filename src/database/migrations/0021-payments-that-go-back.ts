import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps what is known about refunds, so that failed ones give credits back, and adds the state of payments on their way. */
export class PaymentsThatGoBack1796400000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "top_ups" ADD "refunds" jsonb');
    await runner.query('ALTER TABLE "top_ups" ADD "clawed_lots" jsonb');
    await runner.query('ALTER TABLE "top_ups" ADD "processing" boolean NOT NULL DEFAULT false');
    await runner.query('ALTER TABLE "top_ups" DROP CONSTRAINT "top_ups_state_check"');
    await runner.query(
      `ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_state_check" CHECK (state in ('created', 'checkout_open', 'processing', 'paid', 'granted', 'partially_refunded', 'refunded', 'disputed', 'won', 'lost', 'failed'))`,
    );
    await runner.query('DROP INDEX "top_ups_auto_key"');
    await runner.query(
      `CREATE UNIQUE INDEX "top_ups_auto_key" ON "top_ups" ("organization_id") WHERE auto and state in ('created', 'checkout_open', 'processing', 'paid')`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
