import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { commonErrors, missingField } from '../../../common/errors/index.js';
import type { User } from '../../../users/index.js';
import { authErrors } from '../../access/index.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordStore } from './password.store.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';

/** Lets a signed-in user confirm their password before a sensitive operation. */
@Injectable()
export class ReauthenticationService {
  constructor(
    private readonly db: Database,
    private readonly passwords: PasswordStore,
    private readonly hasher: PasswordHasher,
    private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Accepts an account without a password. A wrong password counts as a failed sign-in, so that this is not another way
   * to guess.
   */
  async prove({ id, operatorId, email }: User, password: string | undefined, ip: string | null): Promise<void> {
    const hash = await this.passwords.findHash(this.db.reader, id);
    if (!hash) return;
    if (password === undefined) throw commonErrors.validation_failed({ errors: [missingField('password')] });
    await this.throttle.counted('password_attempts', { operatorId, email, from: { ip } }, async () => {
      if (!(await this.hasher.verify(hash, password))) throw authErrors.wrong_password();
    });
  }
}
