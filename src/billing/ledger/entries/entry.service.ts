import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { withInstants } from '../../../common/validation/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { LedgerService, applyDueExpiries } from '../ledger.service.js';
import {
  type BalanceView,
  type EntryQuery,
  type EntryView,
  ZERO_BALANCE,
  toBalanceView,
  toEntryView,
} from './entry.dto.js';
import { EntryStore } from './entry.store.js';

@Injectable()
export class EntryService {
  constructor(
    private readonly db: Database,
    private readonly store: EntryStore,
    private readonly ledger: LedgerService,
  ) {}

  /** Lists all entries for callers who may read all, and their own usage for others. */
  async list(access: OrganizationAccess, query: EntryQuery): Promise<Page<EntryView>> {
    const { userId, apiKeyId } = access.actor;
    const all = access.permissions.has('credits:readAll');
    const scope = {
      ...(!all && (apiKeyId ? { apiKeyId } : { memberId: userId ?? '' })),
      ...(access.onlyUnitIds && { unitIds: access.onlyUnitIds }),
    };
    const range = withInstants(query, access.operator.timeZone);
    const page = await this.store.page(this.db.reader, access.organizationId, range, scope);
    return { ...page, items: page.items.map(toEntryView) };
  }

  /** Returns the balance at an instant, including expiries due since the last entry. */
  async balance({ organizationId }: OrganizationAccess, asOf: Date | null): Promise<BalanceView> {
    const state = await this.ledger.read(organizationId);
    if (!state) return toBalanceView(asOf?.getTime() ?? Date.now(), ZERO_BALANCE);
    const until = Math.min(asOf?.getTime() ?? state.now, state.now);
    if (until >= state.lastAt) {
      applyDueExpiries(state, until);
      return toBalanceView(until, state.balances);
    }
    return toBalanceView(until, await this.store.balanceAt(this.db.reader, organizationId, new Date(until)));
  }
}
