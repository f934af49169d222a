import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type MailDelivery, Mails, type NewMail } from '../mail/index.js';
import { Branding } from '../settings/index.js';
import { letterOf } from './letters/index.js';
import { letterText } from './render/letter-text.js';
import { MailTransport } from './transport/mail.transport.js';

/** Writes due mails in the branding of the moment and hands them to the mail server. */
@Injectable()
export class Mailer implements MailDelivery, OnModuleInit {
  constructor(
    private readonly mails: Mails,
    private readonly branding: Branding,
    private readonly transport: MailTransport,
  ) {}

  onModuleInit(): void {
    this.mails.deliverBy(this);
  }

  async deliver(id: string, mail: NewMail): Promise<void> {
    const { displayName } = await this.branding.effective(mail.operatorId);
    const letter = letterOf(mail, { operator: displayName });
    await this.transport.send(id, { to: mail.to, subject: letter.subject, text: letterText(letter) });
  }
}
