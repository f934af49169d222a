import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { GrantedLotRow, GrantQuery } from './grant.dto.js';

/** What is left of a lot. Free credits end at the expiry, even if nothing has changed the row yet. */
const REMAINING = 'case when l.expires_at <= now() then l.reserved else l.remaining end';

/** Grants that were made, and above them those whose time has not come. */
const GRANTS = `(select e.organization_id, e.seq, e.id, 'granted' as state, l.id as lot_id, l.category, l.amount,
    ${REMAINING} as remaining, l.reserved, l.priority, l.effective_at, l.expires_at, e.detail ->> 'reason' as reason,
    e.source_id, e.actor_id, e.created_at
  from credit_entries e join credit_lots l on l.organization_id = e.organization_id and l.id = (e.lots -> 0 ->> 0)::uuid
  where e.type = 'grant'
  union all
  select a.organization_id, 9223372036854775807, a.id, 'scheduled', null, a.grant_details ->> 'category', a.amount, 0, 0,
    (a.grant_details ->> 'priority')::int, a.effective_at, (a.grant_details ->> 'expiresAt')::timestamptz, a.reason, null,
    a.requested_by, a.created_at
  from credit_adjustments a where a.state = 'scheduled') g`;

@Injectable()
export class GrantStore {
  constructor(private readonly pager: Pager) {}

  page(reader: Reader, organizationId: string, query: GrantQuery): Promise<Page<GrantedLotRow>> {
    const where = new Where()
      .add('g.organization_id = ?', organizationId)
      .when('g.state = ?', query.state)
      .when('g.category = ?', query.category)
      .when('(g.remaining > 0) = ?', query.open);
    return this.pager.page<GrantedLotRow>(
      reader,
      {
        name: 'credit-grants',
        columns: `g.id, g.state, g.lot_id as "lotId", g.category, g.amount, g.remaining, g.reserved, g.priority,
          g.effective_at as "effectiveAt", g.expires_at as "expiresAt", g.reason,
          g.source_id as "topUpId", g.actor_id as "grantedBy", g.created_at as "createdAt"`,
        from: GRANTS,
        sorts: { createdAt: { sql: 'g.seq', type: 'bigint' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'g.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
