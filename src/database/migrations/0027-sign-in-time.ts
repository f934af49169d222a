import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keeps when the user of a session signed in, which for the session of a program is earlier than its beginning. */
export class SignInTime1796400000027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "sessions" ADD "signed_in_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now()`);
    // A program's session of before says what its own refreshes said: when it began.
    await runner.query(`UPDATE "sessions" SET "signed_in_at" = "created_at"`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
