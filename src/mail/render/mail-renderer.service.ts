import { Injectable } from '@nestjs/common';
import { Config } from '../../common/config/index.js';
import { AppError } from '../../common/errors/index.js';
import { BrandingService, type BrandingValues } from '../../settings/index.js';
import { contentOf, type NewMail } from '../templates/index.js';
import type { OutgoingMail } from '../transport/mail.transport.js';
import { mailHtml } from './mail-html.js';
import { mailText } from './mail-text.js';
import { mailTheme } from './mail-theme.js';

/** Renders a mail with the branding that applies when it is sent. */
@Injectable()
export class MailRenderer {
  constructor(
    private readonly branding: BrandingService,
    private readonly config: Config,
  ) {}

  async render(mail: NewMail): Promise<Omit<OutgoingMail, 'id'>> {
    const operator = await this.branding.effective(mail.operatorId);
    const branding = (await this.brandingOfOrganization(mail)) ?? operator;
    const content = contentOf(mail, { operator: operator.displayName });
    const theme = mailTheme(branding);
    return {
      fromName: branding.mailFromName ?? this.config.mailFrom.name ?? branding.displayName,
      replyTo: branding.supportEmail,
      to: mail.to,
      subject: content.subject,
      text: mailText(content, theme),
      html: mailHtml(content, theme),
    };
  }

  /** Returns null for mails of the operator, and for those of an organization that no longer exists. */
  private async brandingOfOrganization({ operatorId, organizationId }: NewMail): Promise<BrandingValues | null> {
    if (organizationId === undefined) return null;
    try {
      return await this.branding.effective(operatorId, organizationId);
    } catch (error) {
      if (error instanceof AppError && error.status === 404) return null;
      throw error;
    }
  }
}
