import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess, Role } from '../common/access/index.js';
import type { Tx } from '../database/index.js';
import { MailOutbox, type MailTemplate, type MailTemplates } from '../mail/index.js';
import { Operators } from '../operators/index.js';
import { CallerNames } from './caller-names.js';
import { OrganizationMemberStore } from './members/organization-member.store.js';
import type { OrganizationRow } from './organization.dto.js';

/** What of a member an event has seen. */
interface Seen {
  role?: Role;
}

type Without<T extends MailTemplate> = Omit<MailTemplates[T], 'organizationName'>;
type CreditsLow = Without<'credits_low'>;
type Stopped = Without<'auto_top_up_stopped'>;
type CreditNews = ({ template: 'credits_low' } & CreditsLow) | ({ template: 'auto_top_up_stopped' } & Stopped);

/** Tells people by mail what others did to them or to their organization: those who can sign in, and so proved their address. */
@Injectable()
export class OrganizationNotices {
  constructor(
    private readonly store: OrganizationMemberStore,
    private readonly operators: Operators,
    private readonly names: CallerNames,
    private readonly mails: MailOutbox,
  ) {}

  /** Staff made somebody who has an account the admin of a new organization. */
  async created(tx: Tx, access: Access, organizationId: string, userId: string): Promise<void> {
    const told = await this.told(tx, access, organizationId, userId);
    if (told) await this.mails.enqueue(tx, { ...told.mail, template: 'organization_created', data: told.data });
  }

  /** Not for what somebody did to himself. */
  async memberChanged(
    tx: Tx,
    access: OrganizationAccess,
    what: 'added' | 'role_changed' | 'removed',
    userId: string,
    { before, after }: { before?: Seen; after?: Seen },
  ): Promise<void> {
    if (what === 'added' || userId === access.actor.userId) return;
    const told = await this.told(tx, access, access.organizationId, userId);
    if (!told) return;
    const { mail, data } = told;
    if (what === 'removed') return this.mails.enqueue(tx, { ...mail, template: 'member_removed', data });
    if (!before?.role || !after?.role) return;
    const roles = { before: before.role, after: after.role };
    await this.mails.enqueue(tx, { ...mail, template: 'member_role_changed', data: { ...data, ...roles } });
  }

  /** To all its admins; whoever did it has it in writing. */
  async lifecycle(
    tx: Tx,
    access: OrganizationAccess,
    { id, name, purgeAt }: OrganizationRow,
    what: 'deletion_scheduled' | 'restored',
  ): Promise<void> {
    const data = { organizationName: name, actorName: await this.names.of(tx, access) };
    const { timeZone } = await this.operators.get(tx, access.operator.id);
    for (const address of await this.store.adminAddresses(tx, id)) {
      const mail = { operatorId: access.operator.id, organizationId: id, to: { address } };
      if (what === 'restored') await this.mails.enqueue(tx, { ...mail, template: 'organization_restored', data });
      else if (purgeAt) {
        const when = { purgeAt: purgeAt.toISOString(), timeZone };
        const template = 'organization_deletion_scheduled';
        await this.mails.enqueue(tx, { ...mail, template, data: { ...data, ...when } });
      }
    }
  }

  /** Credits are running out, or were not bought: to whoever looks after them. */
  async credits(tx: Tx, organizationId: string, news: CreditNews): Promise<void> {
    for (const { address, organizationName, operatorId } of await this.store.billingAddressees(tx, organizationId)) {
      const mail = { operatorId, organizationId, to: { address } };
      const { template, ...data } = news;
      if (template === 'credits_low')
        await this.mails.enqueue(tx, { ...mail, template, data: { organizationName, ...(data as CreditsLow) } });
      else await this.mails.enqueue(tx, { ...mail, template, data: { organizationName, ...(data as Stopped) } });
    }
  }

  /** The record of a proved domain is gone, or has been for too long: to all admins. */
  async domain(
    tx: Tx,
    { id, name, operatorId }: OrganizationRow,
    news: Without<'domain_proof_missing'> | Without<'domain_proof_lost'>,
  ): Promise<void> {
    for (const address of await this.store.adminAddresses(tx, id)) {
      const mail = { operatorId, organizationId: id, to: { address } };
      const data = { organizationName: name, ...news };
      if ('losesAt' in data) await this.mails.enqueue(tx, { ...mail, template: 'domain_proof_missing', data });
      else await this.mails.enqueue(tx, { ...mail, template: 'domain_proof_lost', data });
    }
  }

  /** Null for somebody who cannot sign in. */
  private async told(tx: Tx, access: Access, organizationId: string, userId: string) {
    const person = await this.store.addressee(tx, organizationId, userId);
    if (!person) return null;
    const { address, organizationName } = person;
    return {
      mail: { operatorId: access.operator.id, organizationId, to: { address } },
      data: { organizationName, actorName: await this.names.of(tx, access) },
    };
  }
}
