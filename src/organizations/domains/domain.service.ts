import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../limits/index.js';
import { assertMayGrant, type OrganizationAccess } from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { EventService } from '../../events/index.js';
import { OrganizationService } from '../organization.service.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { claimable, domainOfEmail } from './domain-name.js';
import { DomainRecordService } from './domain-record.service.js';
import { type DomainQuery, type DomainView, recordName, recordValue, toDomainView } from './domain.dto.js';
import type { OrganizationDomain } from './domain.entity.js';
import { domainErrors } from './domain.errors.js';
import { DomainStore } from './domain.store.js';

/** Manages the email domains of organizations, which are verified by DNS. */
@Injectable()
export class DomainService {
  constructor(
    private readonly db: Database,
    private readonly store: DomainStore,
    private readonly records: DomainRecordService,
    private readonly organizations: OrganizationService,
    private readonly roles: RoleResolver,
    private readonly events: EventService,
    private readonly limits: LimitSettings,
  ) {}

  async list(access: OrganizationAccess, query: DomainQuery): Promise<Page<DomainView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query);
    return { ...page, items: page.items.map(toDomainView) };
  }

  async view(access: OrganizationAccess, id: string): Promise<DomainView> {
    return toDomainView(await this.get(this.db.reader, access, id));
  }

  /** Claims a domain. Several organizations may claim it, and the first to verify it owns it. */
  claim(access: OrganizationAccess, text: string): Promise<DomainView> {
    const domain = claimable(text);
    const { organizationId, operator, actor } = access;
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const owner = await this.store.ownerOf(tx, operator.id, domain);
      if (owner && owner !== organizationId) throw domainErrors.taken();
      if ((await this.store.count(tx, organizationId)) >= this.limits.count('domains'))
        throw domainErrors.limit_reached();
      const id = newId();
      const token = randomBytes(24).toString('base64url');
      await this.store.insert(tx, { organizationId, id, domain, token, createdBy: actor.userId });
      await this.events.recordBy(tx, access, 'domain.claimed', id, { after: { domain } });
      return toDomainView(await this.get(tx, access, id));
    });
  }

  /** Looks up the record and verifies the domain. A verified domain stays verified. */
  async verify(access: OrganizationAccess, id: string): Promise<DomainView> {
    const claimed = await this.get(this.db.reader, access, id);
    if (claimed.verifiedAt) return toDomainView(claimed);
    const proved = await this.isProved(claimed);
    if (!proved) await this.db.transaction((tx) => this.store.noteCheck(tx, access.organizationId, id, false));
    if (proved === null) throw domainErrors.dns_failed();
    if (!proved) throw domainErrors.record_not_found({ data: { record: toDomainView(claimed).record } });
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const { domain, verifiedAt } = await this.get(tx, access, id);
      if (!verifiedAt) {
        if (!(await this.store.take(tx, access.operator.id, domain, access.organizationId))) throw domainErrors.taken();
        await this.store.noteCheck(tx, access.organizationId, id, true);
        await this.events.recordBy(tx, access, 'domain.verified', id, { after: { domain } });
      }
      return toDomainView(await this.get(tx, access, id));
    });
  }

  /** Releases the domain, which then admits no more users. */
  remove(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.organizations.lockActive(tx, access.organizationId);
      const { domain, verifiedAt } = await this.get(tx, access, id);
      if (verifiedAt) await this.store.release(tx, access.operator.id, domain, access.organizationId);
      await this.store.remove(tx, access.organizationId, id);
      const state = verifiedAt ? 'verified' : 'pending';
      await this.events.recordBy(tx, access, 'domain.removed', id, { before: { domain, state } });
    });
  }

  /** Returns the organization that owns the verified domain of an address, if any. */
  organizationOf(reader: Reader, operatorId: string, email: string): Promise<string | null> {
    return this.store.ownerOf(reader, operatorId, domainOfEmail(email));
  }

  /** Tells whether an organization owns the verified domain of an address. */
  async covers(reader: Reader, operatorId: string, organizationId: string, email: string): Promise<boolean> {
    return (await this.organizationOf(reader, operatorId, email)) === organizationId;
  }

  /** Returns null if the DNS does not answer. */
  async isProved({ domain, token }: OrganizationDomain): Promise<boolean | null> {
    const answers = await Promise.all([recordName(domain), domain].map((name) => this.records.textsAt(name)));
    if (answers.some((texts) => texts?.some((text) => text.trim() === recordValue(token)))) return true;
    return answers.includes(null) ? null : false;
  }

  /** Locks the organization. Only admins prove domains, because a domain lets people in with what rules and settings give. */
  private async enter(tx: Tx, access: OrganizationAccess): Promise<void> {
    const { role } = await this.roles.enter(tx, access, 'domains:edit');
    assertMayGrant(role, 'admin');
  }

  private async get(reader: Reader, { organizationId }: OrganizationAccess, id: string): Promise<OrganizationDomain> {
    const domain = await this.store.find(reader, organizationId, id);
    if (!domain) throw domainErrors.not_found();
    return domain;
  }
}
