import { Injectable } from '@nestjs/common';
import type { Origin } from '../../common/access/index.js';
import { AppError } from '../../common/errors/index.js';
import { Operators } from '../../operators/index.js';
import { Registration } from '../credentials/registration.service.js';
import { operatorOf } from '../operator-of.js';
import type { Page } from '../../pages/index.js';

/** Where the link in the mail leads, below BASE_URL. */
export const VERIFY_EMAIL_PATH = 't/:operator/verify-email';

/** What people are told whose link is of no use, by code. */
const REFUSALS: Record<string, { title: string; text: string }> = {
  'auth.invalid_one_time_token': {
    title: 'This link is not valid any more',
    text: 'It was used already, or it is older than 24 hours, or a part of it is missing. If you have confirmed your address, sign in. If not, register again to get a new link.',
  },
  'auth.already_verified': {
    title: 'This address is confirmed already',
    text: 'You can sign in. If you do not know the password, somebody else who can read your mail may have confirmed it: ask the operator.',
  },
};

@Injectable()
export class VerifyEmailPages {
  constructor(
    private readonly operators: Operators,
    private readonly registration: Registration,
  ) {}

  /** Throws operators.not_found. */
  async show(operatorSlug: string, token: string): Promise<Page> {
    const { id, name } = await operatorOf(this.operators, operatorSlug);
    return this.orRefusal(name, async () => {
      const { email } = await this.registration.look(id, token);
      return {
        status: 200,
        title: 'Confirm your e-mail address',
        text: `Somebody registered with the address ${email} and chose a password. Confirm only if that was you.`,
        form: { action: 'verify-email', fields: { token }, button: 'It was me: confirm' },
      };
    });
  }

  /** Throws operators.not_found, auth.too_many_attempts. */
  async submit(operatorSlug: string, token: string, origin: Origin): Promise<Page> {
    const { name } = await operatorOf(this.operators, operatorSlug);
    return this.orRefusal(name, async () => {
      const { email } = await this.registration.verify(operatorSlug, token, origin);
      return {
        status: 200,
        title: 'Your address is confirmed',
        text: `You can sign in as ${email} now, and close this page.`,
      };
    });
  }

  private async orRefusal(from: string, work: () => Promise<Page>): Promise<Page> {
    try {
      return { from, ...(await work()) };
    } catch (error) {
      const refusal = error instanceof AppError ? REFUSALS[error.code] : undefined;
      if (!refusal || !(error instanceof AppError)) throw error;
      return { from, status: error.status, ...refusal };
    }
  }
}
