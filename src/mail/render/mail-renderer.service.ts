import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/index.js';
import { AppError } from '../../common/errors/index.js';
import { domainOf } from '../../common/validation/index.js';
import { BrandingService, type BrandingValues } from '../../settings/index.js';
import { contentOf, isNotice, type NewMail } from '../templates/index.js';
import type { OutgoingMail } from '../transport/mail.transport.js';
import { mailHtml } from './mail-html.js';
import { mailText } from './mail-text.js';
import { mailTheme } from './mail-theme.js';
import { SenderStore } from './sender.store.js';

type Branded = Awaited<ReturnType<BrandingService['forMail']>>;

/** Stays the same as long as the organization or operator exists, because filters of mail programs go by it. */
const listLabel = ({ operatorId, organizationId }: NewMail): string =>
  organizationId === undefined ? `${operatorId}.operators` : `${organizationId}.organizations`;

/** Renders a mail with the branding that applies when it is sent. */
@Injectable()
export class MailRenderer {
  constructor(
    private readonly branding: BrandingService,
    private readonly config: Config,
    private readonly senders: SenderStore,
  ) {}

  async render(mail: NewMail): Promise<Omit<OutgoingMail, 'id'>> {
    const ofOperator = await this.branding.forMail(mail.operatorId);
    const operator = ofOperator.branding;
    const { branding, appUrl } = (await this.brandingOfOrganization(mail)) ?? ofOperator;
    const open = { label: `Open ${branding.displayName}`, link: appUrl };
    const content = contentOf(mail, { operator: operator.displayName, open });
    const sender = await this.senderOf(mail, branding, operator);
    const theme = mailTheme({ ...branding, supportEmail: sender.replyTo }, mail.unsubscribeLink);
    return {
      ...sender,
      to: mail.to,
      unsubscribeLink: mail.unsubscribeLink ?? null,
      list: isNotice(mail) ? { label: listLabel(mail), name: branding.displayName } : null,
      subject: content.subject,
      text: mailText(content, theme),
      html: mailHtml(content, theme),
    };
  }

  /**
   * Names the organization as the sender only together with the operator, and sends replies to the operator, unless the
   * organization has verified the domain of its address. Otherwise anyone could write as "Your Bank".
   */
  private async senderOf(
    { organizationId }: NewMail,
    branding: BrandingValues,
    operator: BrandingValues,
  ): Promise<Pick<OutgoingMail, 'fromName' | 'replyTo'>> {
    const nameOf = ({ mailFromName, displayName }: BrandingValues) =>
      mailFromName ?? this.config.mailFrom.name ?? displayName;
    const own = { fromName: nameOf(branding), replyTo: branding.supportEmail };
    const { fromName, replyTo } = { fromName: nameOf(operator), replyTo: operator.supportEmail };
    if (organizationId === undefined || (own.fromName === fromName && own.replyTo === replyTo)) return own;
    const domains = await this.senders.verifiedDomains(organizationId);
    const isProved = own.replyTo === null ? domains.length > 0 : domains.includes(domainOf(own.replyTo));
    if (isProved) return own;
    return { fromName: own.fromName === fromName ? fromName : `${own.fromName} via ${fromName}`, replyTo };
  }

  /** Returns null for mails of the operator, and for those of an organization that no longer exists. */
  private async brandingOfOrganization({ operatorId, organizationId }: NewMail): Promise<Branded | null> {
    if (organizationId === undefined) return null;
    try {
      return await this.branding.forMail(operatorId, organizationId);
    } catch (error) {
      if (error instanceof AppError && error.status === 404) return null;
      throw error;
    }
  }
}
