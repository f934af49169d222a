import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess, Role } from '../common/access/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { MailOutbox, type MailTemplate, type MailTemplates } from '../mail/index.js';
import { OperatorService } from '../operators/index.js';
import { CallerNameService } from './caller-name.service.js';
import { OrganizationNoticeStore } from './organization-notice.store.js';
import type { NoticeKind } from './notice-kind.js';
import type { OrganizationRow } from './organization.dto.js';
import { organizationErrors } from './organization.errors.js';
import { UnsubscribeLinkService, type Unsubscription } from './unsubscribe-link.service.js';

interface MemberState {
  role?: Role;
}

type Without<T extends MailTemplate> = Omit<MailTemplates[T], 'organizationName'>;
type CreditsLow = Without<'credits_low'>;
type Stopped = Without<'auto_top_up_stopped'>;
type Delayed = Without<'auto_top_up_delayed'>;
type CreditNews =
  | ({ template: 'credits_low' } & CreditsLow)
  | ({ template: 'auto_top_up_stopped' } & Stopped)
  | ({ template: 'auto_top_up_delayed' } & Delayed);

/** Mails users about what others did to them or their organization. Only users who can sign in have a verified address. */
@Injectable()
export class OrganizationNoticeService {
  constructor(
    private readonly store: OrganizationNoticeStore,
    private readonly operators: OperatorService,
    private readonly names: CallerNameService,
    private readonly mails: MailOutbox,
    private readonly db: Database,
    private readonly links: UnsubscribeLinkService,
  ) {}

  /** Notifies an existing user whom staff made the admin of a new organization. */
  async created(tx: Tx, access: Access, organizationId: string, userId: string): Promise<void> {
    const notice = await this.noticeTo(tx, access, organizationId, userId);
    if (notice) await this.mails.enqueue(tx, { ...notice.mail, template: 'organization_created', data: notice.data });
  }

  /** Notifies a member of a change by another user. */
  async memberChanged(
    tx: Tx,
    access: OrganizationAccess,
    what: 'added' | 'role_changed' | 'removed',
    userId: string,
    { before, after }: { before?: MemberState; after?: MemberState },
  ): Promise<void> {
    if (what === 'added' || userId === access.actor.userId) return;
    const notice = await this.noticeTo(tx, access, access.organizationId, userId);
    if (!notice) return;
    const { organizationName, actorName } = notice.data;
    const recipient = { ...notice.mail, organizationName, userId };
    if (what === 'removed') return this.mails.enqueueMemberChange(tx, recipient, { actorName });
    if (!before?.role || !after?.role) return;
    const roles = { before: before.role, after: after.role };
    await this.mails.enqueueMemberChange(tx, recipient, { actorName, roles });
  }

  /** Notifies all admins, including the one who did it. */
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

  /** Notifies admins and billing admins that credits run low or that automatic top-up waits or stopped. */
  async credits(tx: Tx, organizationId: string, news: CreditNews): Promise<void> {
    const kind = news.template === 'credits_low' ? 'credits' : 'autoTopUp';
    for (const { mail, organizationName } of await this.optional(tx, organizationId, kind)) {
      const { template, ...data } = news;
      if (template === 'credits_low')
        await this.mails.enqueue(tx, { ...mail, template, data: { organizationName, ...(data as CreditsLow) } });
      else if (template === 'auto_top_up_delayed')
        await this.mails.enqueue(tx, { ...mail, template, data: { organizationName, ...(data as Delayed) } });
      else await this.mails.enqueue(tx, { ...mail, template, data: { organizationName, ...(data as Stopped) } });
    }
  }

  /** Notifies all admins that the record of a verified domain is missing, or that the verification is lost. */
  async domain(
    tx: Tx,
    { id, name }: OrganizationRow,
    news: Without<'domain_proof_missing'> | Without<'domain_proof_lost'>,
  ): Promise<void> {
    for (const { mail } of await this.optional(tx, id, 'domains')) {
      const data = { organizationName: name, ...news };
      if ('losesAt' in data) await this.mails.enqueue(tx, { ...mail, template: 'domain_proof_missing', data });
      else await this.mails.enqueue(tx, { ...mail, template: 'domain_proof_lost', data });
    }
  }

  /** Returns the addresses of the admins who can sign in, for notices that cannot be switched off. */
  adminAddresses(reader: Reader, organizationId: string): Promise<string[]> {
    return this.store.adminAddresses(reader, organizationId);
  }

  /** Switches a kind of notice on or off for a member. */
  async setEnabled(tx: Tx, notice: Unsubscription, enabled: boolean): Promise<void> {
    await this.store.setNotice(tx, notice, enabled);
  }

  /** Returns what a link would switch off. */
  async unsubscription(operatorSlug: string, token: string): Promise<Unsubscription & { organizationName: string }> {
    const unsubscription = this.links.read(token);
    const organizationName = await this.store.nameOf(this.db.reader, operatorSlug, unsubscription.organizationId);
    if (organizationName === null) throw organizationErrors.unsubscribe_link_invalid();
    return { ...unsubscription, organizationName };
  }

  /** Switches off what the link names. Former members get these notices no more anyway. */
  async unsubscribe(operatorSlug: string, token: string): Promise<Unsubscription & { organizationName: string }> {
    const unsubscription = await this.unsubscription(operatorSlug, token);
    await this.db.transaction((tx) => this.store.setNotice(tx, unsubscription, false));
    return unsubscription;
  }

  /** Returns the mails to those who get notices of a kind, each with a link that switches it off. */
  private async optional(tx: Tx, organizationId: string, kind: NoticeKind) {
    const addressees = await this.store.addressees(tx, organizationId, kind);
    return addressees.map(({ address, userId, organizationName, operatorId, operatorSlug }) => {
      const unsubscribeLink = this.links.linkFor(operatorSlug, { organizationId, userId, kind });
      return { organizationName, mail: { operatorId, organizationId, to: { address }, unsubscribeLink } };
    });
  }

  /** Returns the recipient and the common data of a mail. Null if the user cannot sign in. */
  private async noticeTo(tx: Tx, access: Access, organizationId: string, userId: string) {
    const person = await this.store.addressee(tx, organizationId, userId);
    if (!person) return null;
    const { address, organizationName } = person;
    return {
      mail: { operatorId: access.operator.id, organizationId, to: { address } },
      data: { organizationName, actorName: await this.names.of(tx, access) },
    };
  }
}
