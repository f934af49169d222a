import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `CREATE TABLE "email_changes" ("user_id" uuid NOT NULL, "id" uuid NOT NULL, "new_email" text NOT NULL, "session_id" uuid NOT NULL, "current_confirmed_at" TIMESTAMP(3) WITH TIME ZONE, "new_confirmed_at" TIMESTAMP(3) WITH TIME ZONE, "expires_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL, "created_at" TIMESTAMP(3) WITH TIME ZONE NOT NULL DEFAULT now(), CONSTRAINT "email_changes_new_email_check" CHECK (new_email = lower(new_email)), CONSTRAINT "email_changes_pkey" PRIMARY KEY ("user_id"))`,
  `ALTER TABLE "email_changes" ADD CONSTRAINT "email_changes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE NO ACTION ON UPDATE NO ACTION`,
];

export class EmailChanges1795295323330 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
