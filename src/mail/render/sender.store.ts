import { Injectable } from '@nestjs/common';
import { Database } from '../../database/index.js';

@Injectable()
export class SenderStore {
  constructor(private readonly db: Database) {}

  /** Returns the domains that an organization has verified. */
  async verifiedDomains(organizationId: string): Promise<string[]> {
    const rows = await this.db.reader.rows<{ domain: string }>(
      'select domain from organization_domains where organization_id = $1 and verified_at is not null',
      [organizationId],
    );
    return rows.map(({ domain }) => domain);
  }
}
