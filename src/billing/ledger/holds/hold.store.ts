import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { Caller } from '../decisions/command.js';
import type { HoldQuery, HoldRow } from './hold.dto.js';
import { CreditHold } from './hold.entity.js';

/** A hold past its expiry is over, even if nothing has changed its row yet. */
const STATE = "case when h.state = 'open' and h.expires_at <= now() then 'expired' else h.state end";

@Injectable()
export class HoldStore {
  constructor(private readonly pager: Pager) {}

  page(
    reader: Reader,
    organizationId: string,
    query: HoldQuery,
    { onlyOf, onlyUnits }: Pick<Caller, 'onlyOf' | 'onlyUnits'>,
  ): Promise<Page<HoldRow>> {
    const where = new Where()
      .add('h.organization_id = ?', organizationId)
      .when(`${STATE} = ?`, query.state)
      // Lets the database use the index on open holds.
      .when('h.state = ?', query.state === 'open' ? 'open' : undefined)
      .when('h.unit_id = ?', query.unitId)
      .when('h.member_id = ?', query.memberId)
      .when('? in (h.member_id, h.api_key_id)', onlyOf ?? undefined)
      .when('h.unit_id = any (?::uuid[])', onlyUnits ?? undefined);
    return this.pager.page<HoldRow>(
      reader,
      {
        name: 'credit-holds',
        columns: `${columnsOf(reader, CreditHold, 'h')}, ${STATE} as "stateNow"`,
        from: 'credit_holds h',
        sorts: { createdAt: { sql: 'h.id', type: 'uuid' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'h.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
