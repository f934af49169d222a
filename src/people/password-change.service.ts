import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import { Database } from '../database/index.js';
import { EventService } from '../events/index.js';
import { MailOutbox } from '../mail/index.js';
import { UserService } from '../users/index.js';
import { authErrors } from '../auth/access/index.js';
import {
  AccountNoticeService,
  assertPassword,
  OneTimeTokenService,
  PasswordHasher,
  PasswordStore,
  type Purpose,
  SIGN_IN_STEPS,
  ReauthenticationService,
  RegistrationPolicy,
  SessionService,
} from '../auth/identity/index.js';
import type { ChangePassword } from './people.dto.js';

/** Tokens that the old password may have obtained, or that replace the new one. */
const WITHDRAWN: readonly Purpose[] = [...SIGN_IN_STEPS, 'reset_password'];

/** Lets signed-in users change their password. */
@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly reauthentication: ReauthenticationService,
    private readonly policy: RegistrationPolicy,
    private readonly hasher: PasswordHasher,
    private readonly passwords: PasswordStore,
    private readonly tokens: OneTimeTokenService,
    private readonly sessions: SessionService,
    private readonly notices: AccountNoticeService,
    private readonly events: EventService,
    private readonly mails: MailOutbox,
  ) {}

  async change(access: PersonAccess, { currentPassword, newPassword }: ChangePassword): Promise<void> {
    const { actor, operator } = access;
    const owner = await this.users.get(this.db.reader, operator.id, actor);
    const before = await this.passwords.findHash(this.db.reader, owner.id);
    // An account without a password sets its first one with a mailed link.
    if (!before) throw authErrors.wrong_password();
    await this.reauthentication.prove(owner, currentPassword, actor.origin.ip);
    const minLength = await this.policy.passwordMinLengthOf(operator, owner.id);
    assertPassword(newPassword, [owner.email, owner.name, operator.name, operator.slug], minLength);
    const hash = await this.hasher.hash(newPassword);
    await this.db.transaction(async (tx) => {
      const user = await this.users.lock(tx, owner.id);
      // Another change or an undo may have been faster.
      if ((await this.passwords.findHash(tx, user.id)) !== before) throw authErrors.wrong_password();
      await this.passwords.set(tx, user.id, hash);
      await this.tokens.withdraw(tx, WITHDRAWN, user.id);
      await this.sessions.endAllIn(tx, actor, operator.id, user.id, 'password_changed', actor.sessionId);
      await this.events.record(
        tx,
        { kind: 'operator', id: operator.id },
        { type: 'user.password_changed', actor, subject: { type: 'user', id: user.id } },
      );
      await this.notices.changed(tx, actor, user, 'password_changed');
    });
    this.mails.wake();
  }
}
