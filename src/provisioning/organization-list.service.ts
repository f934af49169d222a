import { Injectable } from '@nestjs/common';
import { CreditService, type CreditsNow, NO_CREDITS } from '../billing/ledger/index.js';
import type { Page } from '../common/pagination/index.js';
import { Database } from '../database/index.js';
import { type OrganizationInclude, type OrganizationQuery, OrganizationService } from '../organizations/index.js';
import type { OrganizationCreditsView, OrganizationItemView } from './organization-list.dto.js';
import { OrganizationListStore } from './organization-list.store.js';

type Included = (ids: readonly string[]) => Promise<(id: string) => Partial<OrganizationItemView>>;

const NO_COUNTS = { members: 0, invitations: 0, units: 0 };

const toCredits = ({ available, held, projection }: CreditsNow): OrganizationCreditsView => ({
  available,
  held,
  lastsUntil: projection.emptyAt,
});

/** Lists organizations with data of other modules, which is read for a whole page at once. */
@Injectable()
export class OrganizationListService {
  private readonly included: Record<OrganizationInclude, Included> = {
    credits: async (ids) => {
      const views = await this.credits.views(ids);
      return (id) => ({ credits: toCredits(views.get(id) ?? NO_CREDITS) });
    },
    plan: async (ids) => {
      const plans = await this.store.plans(this.db.reader, ids);
      return (id) => ({ plan: plans.get(id) ?? null });
    },
    counts: async (ids) => {
      const counts = await this.store.counts(this.db.reader, ids);
      return (id) => ({ counts: counts.get(id) ?? NO_COUNTS });
    },
  };

  constructor(
    private readonly db: Database,
    private readonly organizations: OrganizationService,
    private readonly credits: CreditService,
    private readonly store: OrganizationListStore,
  ) {}

  async page(operatorId: string, query: OrganizationQuery): Promise<Page<OrganizationItemView>> {
    const page = await this.organizations.list(operatorId, query);
    const ids = page.items.map(({ id }) => id);
    const names = new Set((query.include?.split(',') ?? []) as OrganizationInclude[]);
    const parts = await Promise.all([...names].map((name) => this.included[name](ids)));
    const items = page.items.map((item) => Object.assign({}, item, ...parts.map((part) => part(item.id))));
    return { ...page, items };
  }
}
