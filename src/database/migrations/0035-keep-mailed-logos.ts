import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `ALTER TABLE "operator_logos" ADD "mail_image" bytea`,
  `ALTER TABLE "operator_logos" ADD "mailed_at" TIMESTAMP(3) WITH TIME ZONE`,
  `ALTER TABLE "organization_logos" ADD "mail_image" bytea`,
  `ALTER TABLE "organization_logos" ADD "mailed_at" TIMESTAMP(3) WITH TIME ZONE`,
  // Mail programs show these as they are.
  `UPDATE operator_logos SET mail_image = bytes WHERE content_type = 'image/png'`,
  `UPDATE organization_logos SET mail_image = bytes WHERE content_type = 'image/png' AND unit_id IS NULL`,
  `ALTER TABLE "operator_logos" ALTER COLUMN "bytes" DROP NOT NULL`,
  `ALTER TABLE "organization_logos" ALTER COLUMN "bytes" DROP NOT NULL`,
];

export class KeepMailedLogos1796500000035 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
