import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Marks existing OpenID connections, whose redirect URI at the provider is the one that all connections shared. Records
 * what a user proved to this server itself, apart from what an identity provider says: nothing in existing sessions.
 */
export class SingleSignOn1796000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `update sso_connections set settings = settings || '{"usesSharedRedirectUri": true}' where type = 'oidc'`,
    );
    await runner.query(`ALTER TABLE "sessions" ADD "own_method" text`);
    await runner.query(`ALTER TABLE "sessions" ADD "sso_proved_at" TIMESTAMP(3) WITH TIME ZONE`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
