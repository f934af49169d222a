import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Removes passwords that were chosen at a registration, or for an account whose address is not proved. */
export class RegistrationWithoutPassword1795600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `update one_time_tokens set payload = payload - 'passwordHash' where purpose = 'verify_email' and payload ? 'passwordHash'`,
    );
    await runner.query('delete from passwords p using users u where u.id = p.user_id and u.email_verified_at is null');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
