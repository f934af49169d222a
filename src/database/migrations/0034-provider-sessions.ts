import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps what the identity provider calls its session, so that it can end the sessions that came from it. */
export class ProviderSessions1796500000034 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "session_claims" ADD "provider_session" text');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
