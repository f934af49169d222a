import type { MigrationInterface, QueryRunner } from 'typeorm';

const CHAIN_COLUMNS = `ADD "signed_from" bigint, ADD "start_signature" text, ADD "anchored_seq" bigint, ADD "anchored_hash" text,
    ADD "anchor_signature" text, ADD "anchored_at" TIMESTAMP(3) WITH TIME ZONE`;

const STATEMENTS = [
  `ALTER TABLE "organization_events" ADD "signature" text`,
  `ALTER TABLE "operator_events" ADD "signature" text`,
  `ALTER TABLE "organization_event_chains" ${CHAIN_COLUMNS}`,
  `ALTER TABLE "operator_event_chains" ${CHAIN_COLUMNS}`,
  `ALTER TABLE "deployment" ADD "events_signed" boolean NOT NULL DEFAULT false`,
];

export class SignEvents1796100000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
