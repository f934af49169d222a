import { BooleanField, DateTimeField, EmailField, EnumField, SecretField } from '../../../common/validation/index.js';
import type { EmailChange } from './email-change.entity.js';

export class AskForEmailChange {
  @EmailField()
  newEmail: string;

  @SecretField({ optional: true, description: "The account's password. Omit it if the account has none." })
  password?: string;
}

export class EmailChangeView {
  @EmailField()
  newEmail: string;

  @BooleanField({ description: 'Whether the link mailed to the current address was confirmed.' })
  currentConfirmed: boolean;

  @BooleanField({ description: 'Whether the link mailed to the new address was confirmed.' })
  newConfirmed: boolean;

  @DateTimeField()
  createdAt: string;

  @DateTimeField({ description: 'Both addresses must confirm before this time.' })
  expiresAt: string;
}

export class ConfirmEmail {
  @SecretField({ max: 200, description: 'The token from the link in one of the two emails.' })
  token: string;
}

export class ConfirmedEmailView {
  @EnumField(['waiting', 'changed'], { description: '`waiting`: the other address must still confirm.' })
  status: 'waiting' | 'changed';
}

export const toEmailChangeView = (change: EmailChange): EmailChangeView => ({
  newEmail: change.newEmail,
  currentConfirmed: change.currentConfirmedAt !== null,
  newConfirmed: change.newConfirmedAt !== null,
  createdAt: change.createdAt.toISOString(),
  expiresAt: change.expiresAt.toISOString(),
});
