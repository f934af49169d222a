import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first start afterwards encrypts what is stored again, because only it has the key (`CiphertextBindingService`). */
const STATEMENTS = [`ALTER TABLE "deployment" ADD "ciphertexts_bound" boolean NOT NULL DEFAULT false`];

export class BindCiphertexts1796000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
