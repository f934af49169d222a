import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds to the sessions of programs which session let them in. */
export class GrantedSessions1796300000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "sessions" ADD "granted_by_id" uuid');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
