import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../common/config/index.js';
import { AppError } from '../common/errors/index.js';
import { type MailDelivery, Mails, type NewMail } from '../mail/index.js';
import { Branding, type BrandingValues } from '../settings/index.js';
import { letterOf } from './letters/index.js';
import { letterText } from './render/letter-text.js';
import { lookOf } from './render/look.js';
import { MailTransport } from './transport/mail.transport.js';

/** Writes due mails in the branding of the moment and hands them to the mail server. */
@Injectable()
export class Mailer implements MailDelivery, OnModuleInit {
  constructor(
    private readonly mails: Mails,
    private readonly branding: Branding,
    private readonly transport: MailTransport,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.mails.deliverBy(this);
  }

  async deliver(id: string, mail: NewMail): Promise<void> {
    const operator = await this.branding.effective(mail.operatorId);
    const branding = (await this.ofOrganization(mail)) ?? operator;
    const letter = letterOf(mail, { operator: operator.displayName });
    const look = lookOf(branding);
    // Loaded with the first mail: a server that sends none does without it.
    const { letterHtml } = await import('./render/letter-html.js');
    await this.transport.send({
      id,
      fromName: branding.mailFromName ?? this.config.mailFrom.name ?? branding.displayName,
      replyTo: branding.supportEmail,
      to: mail.to,
      subject: letter.subject,
      text: letterText(letter, look),
      html: letterHtml(letter, look),
    });
  }

  /** Null for a mail of the operator, and when the organization is gone meanwhile: its mails leave all the same. */
  private async ofOrganization({ operatorId, organizationId }: NewMail): Promise<BrandingValues | null> {
    if (organizationId === undefined) return null;
    try {
      return await this.branding.effective(operatorId, organizationId);
    } catch (error) {
      if (error instanceof AppError && error.status === 404) return null;
      throw error;
    }
  }
}
