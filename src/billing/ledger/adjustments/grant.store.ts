import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { GrantedLotRow, GrantQuery } from './grant.dto.js';

/** What is left of a lot. Free credits end at the expiry, even if nothing has changed the row yet. */
const REMAINING = 'case when l.expires_at <= now() then l.reserved else l.remaining end';

@Injectable()
export class GrantStore {
  constructor(private readonly pager: Pager) {}

  page(reader: Reader, organizationId: string, query: GrantQuery): Promise<Page<GrantedLotRow>> {
    const where = new Where()
      .add('e.organization_id = ?', organizationId)
      .add("e.type = 'grant'")
      .when('e.kind = ?', query.category)
      .when(`(${REMAINING} > 0) = ?`, query.open);
    return this.pager.page<GrantedLotRow>(
      reader,
      {
        name: 'credit-grants',
        columns: `e.id, l.id as "lotId", l.category, l.amount, ${REMAINING} as remaining, l.reserved, l.priority,
          l.effective_at as "effectiveAt", l.expires_at as "expiresAt", e.detail ->> 'reason' as reason,
          e.source_id as "topUpId", e.actor_id as "grantedBy", e.created_at as "createdAt"`,
        from: `credit_entries e
          join credit_lots l on l.organization_id = e.organization_id and l.id = (e.lots -> 0 ->> 0)::uuid`,
        sorts: { createdAt: { sql: 'e.seq', type: 'bigint' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'e.seq', type: 'bigint' },
      },
      where,
      query,
    );
  }
}
