import { Injectable } from '@nestjs/common';
import { type Reader, isNotDelayed } from '../../../database/index.js';

@Injectable()
export class HoldExpiryStore {
  /** Finds organizations with expiries that no entry records yet. Locks nothing. */
  async findDue(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `(select distinct h.organization_id as id from credit_holds h
          where h.state = 'open' and h.expires_at <= now() and ${isNotDelayed('HoldExpiryJob', 'h.organization_id')} limit $1)
       union
       (select distinct l.organization_id from credit_lots l
          where l.open and l.expires_at <= now() and l.remaining > l.reserved
            and ${isNotDelayed('HoldExpiryJob', 'l.organization_id')} limit $1)
       union
       (select o.id from organizations o where o.deleted_at is not null and o.purge_started_at is null
          and exists (select 1 from credit_holds h where h.organization_id = o.id and h.state = 'open')
            and ${isNotDelayed('HoldExpiryJob', 'o.id')} limit $1)`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }
}
