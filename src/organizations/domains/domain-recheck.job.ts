import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { systemActor } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import { ScheduledJob } from '../../common/schedule/index.js';
import { EventService } from '../../events/index.js';
import type { OrganizationRow } from '../organization.dto.js';
import { OrganizationNoticeService } from '../organization-notice.service.js';
import { OrganizationService } from '../organization.service.js';
import { recordName, recordValue } from './domain.dto.js';
import type { OrganizationDomain } from './domain.entity.js';
import { DomainService } from './domain.service.js';
import { DomainStore } from './domain.store.js';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 50;
/** How long a record may be missing, because a move to other name servers takes days. */
const GRACE_DAYS = 7;
const GRACE_MS = GRACE_DAYS * 24 * 60 * 60_000;

/**
 * Checks daily that verified domains still have their record, so that a later owner of the domain cannot sign in as its
 * users. With several servers, each finding counts once.
 */
@Injectable()
export class DomainRecheckJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: DomainStore,
    private readonly domains: DomainService,
    private readonly organizations: OrganizationService,
    private readonly notices: OrganizationNoticeService,
    private readonly events: EventService,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Returns how many domains were checked. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, AT_ONCE);
    await this.forEach(due, (domain) => this.check(domain));
    return due.length;
  }

  private async check(domain: OrganizationDomain): Promise<void> {
    const proved = await this.domains.isProved(domain);
    await this.db.transaction((tx) => this.settle(tx, domain, proved));
  }

  /** Records a finding. `proved` is null if the DNS did not answer, which proves nothing. */
  private async settle(tx: Tx, { organizationId, id, lastCheckedAt }: OrganizationDomain, proved: boolean | null) {
    const organization = await this.organizations.lock(tx, organizationId);
    const row = await this.store.find(tx, organizationId, id);
    // Another server was first, or the domain was removed.
    if (!row?.verifiedAt || row.lastCheckedAt?.getTime() !== lastCheckedAt?.getTime()) return;
    if (proved === null) return this.store.noteCheck(tx, organizationId, id, false);
    await this.store.noteRecheck(tx, organizationId, id, proved);
    if (proved) return;
    const { domain, token } = row;
    if (row.missingSince === null) {
      await this.record(tx, organization, 'domain.proof_missing', id, { after: { domain } });
      const losesAt = new Date(Date.now() + GRACE_MS).toISOString();
      const news = { domain, record: recordName(domain), value: recordValue(token), losesAt };
      await this.notices.domain(tx, organization, news);
    } else if (await this.store.loseProof(tx, organizationId, id, GRACE_DAYS)) {
      await this.store.release(tx, organization.operatorId, domain, organizationId);
      await this.record(tx, organization, 'domain.proof_lost', id, { before: { domain } });
      await this.notices.domain(tx, organization, { domain });
    }
  }

  private record(
    tx: Tx,
    { id: organizationId }: OrganizationRow,
    type: 'domain.proof_missing' | 'domain.proof_lost',
    id: string,
    changes: { before?: object; after?: object },
  ): Promise<void> {
    return this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      { type, actor: systemActor(), subject: { type: 'domain', id }, ...changes },
    );
  }
}
