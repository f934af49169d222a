import { Injectable } from '@nestjs/common';
import type { Origin } from '../../common/access/index.js';
import { AppError } from '../../common/errors/index.js';
import { Operators } from '../../operators/index.js';
import { operatorOf } from '../operator-of.js';
import type { Page } from '../../pages/index.js';
import { EmailChanges } from './email-change.service.js';

/** Where the links in the mails lead, below BASE_URL. */
export const CONFIRM_EMAIL_PATH = 't/:operator/confirm-email';

/** What people are told whose link is of no use, by code. */
const REFUSALS: Record<string, { title: string; text: string }> = {
  'auth.invalid_one_time_token': {
    title: 'This link is not valid any more',
    text: 'It was used already, or it is older than 24 hours, or the change was called off. Your account says which address it has.',
  },
  'users.email_taken': {
    title: 'This address has an account already',
    text: 'Somebody has made one with it meanwhile, so the change was called off. Your account keeps the address it has.',
  },
};

const DONE = {
  waiting: {
    title: 'Confirmed',
    text: 'The change is made as soon as the other address has confirmed it too: open the link in the mail that was sent there.',
  },
  changed: {
    title: 'The address was changed',
    text: 'Both addresses have confirmed it. Sign in with the new one from now on. You can close this page.',
  },
};

@Injectable()
export class ConfirmEmailPages {
  constructor(
    private readonly operators: Operators,
    private readonly changes: EmailChanges,
  ) {}

  /** Throws operators.not_found. */
  async show(operatorSlug: string, token: string): Promise<Page> {
    const { id, name } = await operatorOf(this.operators, operatorSlug);
    return orRefusal(name, async () => {
      const { side, newEmail } = await this.changes.look(id, token);
      const text =
        side === 'new'
          ? `Somebody wants to use the address ${newEmail} for an account. Confirm only if that was you.`
          : `Somebody wants to change the address of your account to ${newEmail}. Confirm only if that was you.`;
      return {
        status: 200,
        title: 'Confirm the change of address',
        text,
        form: { action: 'confirm-email', fields: { token }, button: 'It was me: confirm' },
      };
    });
  }

  /** Throws operators.not_found, auth.too_many_attempts. */
  async submit(operatorSlug: string, token: string, origin: Origin): Promise<Page> {
    const { name } = await operatorOf(this.operators, operatorSlug);
    return orRefusal(name, async () => {
      const { status } = await this.changes.confirm(operatorSlug, token, origin);
      return { status: 200, ...DONE[status] };
    });
  }
}

async function orRefusal(from: string, work: () => Promise<Page>): Promise<Page> {
  try {
    return { from, ...(await work()) };
  } catch (error) {
    const refusal = error instanceof AppError ? REFUSALS[error.code] : undefined;
    if (!refusal || !(error instanceof AppError)) throw error;
    return { from, status: error.status, ...refusal };
  }
}
