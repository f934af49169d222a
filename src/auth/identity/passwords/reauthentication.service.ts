import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import type { User } from '../../../users/index.js';
import { authErrors } from '../../access/index.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordStore } from './password.store.js';
import { SignInThrottle } from '../throttling/sign-in-throttle.service.js';

/** Somebody signed in shows once more that it is he, before something that a stranger at his device must not do. */
@Injectable()
export class ReauthenticationService {
  constructor(
    private readonly db: Database,
    private readonly passwords: PasswordStore,
    private readonly hasher: PasswordHasher,
    private readonly tries: SignInThrottle,
  ) {}

  /**
   * An account without a password has nothing to ask for. A wrong one counts as it does where one signs in, so that this
   * is no second place to guess. Throws auth.wrong_password, auth.too_many_attempts, auth.busy, validation_failed.
   */
  async prove({ id, operatorId, email }: User, password: string | undefined, ip: string | null): Promise<void> {
    const hash = await this.passwords.findHash(this.db.reader, id);
    if (!hash) return;
    if (password === undefined)
      throw commonErrors.validation_failed({ errors: [{ field: 'password', message: 'password must be given' }] });
    await this.tries.counted('login', { operatorId, email, ip }, async () => {
      if (!(await this.hasher.verify(hash, password))) throw authErrors.wrong_password();
    });
  }
}
