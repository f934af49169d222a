import { BooleanField, DateTimeField, EmailField, EnumField, SecretField } from '../../../common/validation/index.js';
import type { EmailChange } from './email-change.entity.js';

export class AskForEmailChange {
  @EmailField()
  newEmail: string;

  @SecretField({ optional: true, description: "The account's password; left out by an account that has none." })
  password?: string;
}

export class EmailChangeView {
  @EmailField()
  newEmail: string;

  @BooleanField({ description: 'Whether the link in the mail to the address so far was confirmed.' })
  currentConfirmed: boolean;

  @BooleanField({ description: 'Whether the link in the mail to the new address was confirmed.' })
  newConfirmed: boolean;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ description: 'Both must be confirmed by then.' })
  expiresAt: string;
}

export class ConfirmEmail {
  @SecretField({ max: 200, description: 'From the link in one of the two mails.' })
  token: string;
}

export class ConfirmedEmailView {
  @EnumField(['waiting', 'changed'], { description: '`waiting`: for the other of the two addresses.' })
  status: 'waiting' | 'changed';
}

export const toEmailChangeView = (change: EmailChange): EmailChangeView => ({
  newEmail: change.newEmail,
  currentConfirmed: change.currentConfirmedAt !== null,
  newConfirmed: change.newConfirmedAt !== null,
  createdAt: change.createdAt.toISOString(),
  expiresAt: change.expiresAt.toISOString(),
});
