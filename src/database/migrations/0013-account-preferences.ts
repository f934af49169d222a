import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "users" ADD "language" text, ADD "time_zone" text, ADD "color_scheme" text`,
  `ALTER TABLE "users" ADD CONSTRAINT "users_language_check" CHECK (language in ('en', 'de'))`,
  `ALTER TABLE "users" ADD CONSTRAINT "users_color_scheme_check" CHECK (color_scheme in ('light', 'dark', 'auto'))`,
];

export class AccountPreferences1796300000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
