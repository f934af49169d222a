import type { MigrationInterface, QueryRunner } from 'typeorm';
import { normalizeAddresses } from '../addresses.js';

/** Stores addresses in the form in which they are compared. Accounts that become the same are left as they are. */
export class OneFormOfAddresses1796500000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await normalizeAddresses(async <Row>(sql: string, parameters?: unknown[]) => {
      const { records } = await runner.query(sql, parameters, true);
      return records as Row[];
    });
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}
