import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Notes the organization of an idempotency key, so that its purge removes the stored response. */
export class IdempotentResponsesOfOrganizations1796100000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table idempotency_keys add organization_id uuid');
    await runner.query(
      `create index idempotency_keys_organization_id_idx on idempotency_keys (organization_id) where organization_id is not null`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
