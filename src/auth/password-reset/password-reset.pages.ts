import { Injectable } from '@nestjs/common';
import type { Origin } from '../../common/access/index.js';
import { AppError } from '../../common/errors/index.js';
import { Operators } from '../../operators/index.js';
import { operatorOf } from '../operator-of.js';
import type { Page } from '../../pages/index.js';
import type { ResetPassword } from './password-reset.dto.js';
import { PasswordReset } from './password-reset.service.js';

/** Where the link in the mail leads, below BASE_URL. */
export const RESET_PASSWORD_PATH = 't/:operator/reset-password';

const DEAD_LINK = {
  title: 'This link is not valid any more',
  text: 'It was used already, or it has expired, or a part of it is missing. Ask for a new one where you sign in.',
};
const TRY_AGAIN = ['auth.password_too_short', 'auth.password_too_weak', 'auth.password_too_common', 'auth.busy'];

const formFor = (token: string): Page['form'] => ({
  action: 'reset-password',
  fields: { token },
  password: 'New password, at least 15 characters',
  button: 'Set the password',
});

@Injectable()
export class PasswordResetPages {
  constructor(
    private readonly operators: Operators,
    private readonly passwords: PasswordReset,
  ) {}

  /** Throws operators.not_found. */
  async show(operatorSlug: string, token: string): Promise<Page> {
    const { id, name } = await operatorOf(this.operators, operatorSlug);
    return orRefusal(name, token, async () => {
      const { email, emailVerifiedAt } = await this.passwords.look(id, token);
      const text = `For the account of ${email}.${emailVerifiedAt ? ' It signs you out everywhere.' : ''}`;
      return { status: 200, title: 'Choose a new password', text, form: formFor(token) };
    });
  }

  /** Throws operators.not_found, auth.too_many_attempts. */
  async submit(operatorSlug: string, { token, password }: ResetPassword, origin: Origin): Promise<Page> {
    const { name } = await operatorOf(this.operators, operatorSlug);
    return orRefusal(name, token, async () => {
      await this.passwords.reset(operatorSlug, token, password, origin);
      return { status: 200, title: 'Your password is set', text: 'You can sign in with it now, and close this page.' };
    });
  }
}

/** A dead link is said to be one; a password that is refused can be typed again. */
async function orRefusal(from: string, token: string, work: () => Promise<Page>): Promise<Page> {
  try {
    return { from, ...(await work()) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { status, code, detail: text } = error;
    if (code === 'auth.invalid_one_time_token') return { from, status, ...DEAD_LINK };
    if (!TRY_AGAIN.includes(code)) throw error;
    return { from, status, title: 'Choose another password', text, form: formFor(token) };
  }
}
