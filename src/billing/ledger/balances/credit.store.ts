import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';

@Injectable()
export class CreditStore {
  /** Returns the micro-credits that each organization consumed in the last seven days. Reads two entries of each by the index. */
  async consumedInLastWeek(reader: Reader, organizationIds: readonly string[]): Promise<Map<string, bigint>> {
    const rows = await reader.rows<{ id: string; used: string }>(
      `select a.organization_id as id, (a.consumed - coalesce((select e.consumed_after from credit_entries e where e.organization_id = a.organization_id
           and e.created_at <= now() - interval '7 days' order by e.created_at desc, e.seq desc limit 1), 0))::text as used
       from credit_accounts a where a.organization_id = any ($1::uuid[])`,
      [organizationIds],
    );
    return new Map(rows.map(({ id, used }) => [id, BigInt(used)]));
  }

  async countOpenHolds(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ count: number }>(
      `select count(*)::int from credit_holds where organization_id = $1 and state = 'open' and expires_at > now()`,
      [organizationId],
    );
    return row.count;
  }
}
