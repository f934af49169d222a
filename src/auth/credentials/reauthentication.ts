import { Injectable } from '@nestjs/common';
import { Database } from '../../common/database/index.js';
import { AppError, commonErrors } from '../../common/errors/index.js';
import type { User } from '../../users/index.js';
import { authErrors } from '../auth.errors.js';
import { Attempts } from './attempts.js';
import { PasswordHasher } from './password-hasher.js';
import { Passwords } from './passwords.js';

/** Somebody signed in shows once more that it is he, before something that a stranger at his device must not do. */
@Injectable()
export class Reauthentication {
  constructor(
    private readonly db: Database,
    private readonly passwords: Passwords,
    private readonly hasher: PasswordHasher,
    private readonly attempts: Attempts,
  ) {}

  /**
   * An account without a password has nothing to ask for. A wrong one counts as it does where one signs in, so that this
   * is no second place to guess. Throws auth.wrong_password, auth.too_many_attempts, auth.busy, validation_failed.
   */
  async prove({ id, operatorId, email }: User, password: string | undefined): Promise<void> {
    const hash = await this.passwords.findHash(this.db.reader, id);
    if (!hash) return;
    if (password === undefined)
      throw commonErrors.validation_failed({ errors: [{ field: 'password', message: 'password must be given' }] });
    await this.attempts.consume('login', operatorId, email);
    const matches = await this.hasher.verify(hash, password).catch(async (error: unknown) => {
      // Nothing was learned from this try.
      if (error instanceof AppError && error.kind === 'unavailable')
        await this.attempts.giveBack('login', operatorId, email);
      throw error;
    });
    if (!matches) throw authErrors.wrong_password();
    await this.attempts.reset('login', operatorId, email);
  }
}
