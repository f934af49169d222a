import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { normalizeEmail } from '../common/validation/index.js';
import { EventService } from '../events/index.js';
import { MailOutbox } from '../mail/index.js';
import { OperatorService } from '../operators/index.js';
import { type User, userErrors, UserService } from '../users/index.js';
import { authErrors } from '../auth/access/index.js';
import { StaffAuthorityService } from '../auth/identity/index.js';
import { PersonalApiKeyService } from './personal-api-key.service.js';
import { PersonStore } from './person.store.js';

/**
 * Erases accounts. A row with the id stays, because events, charges and runs name it. What the audit log has recorded
 * stays too, because its chain proves that nothing was changed.
 */
@Injectable()
export class ErasureService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly authority: StaffAuthorityService,
    private readonly apiKeys: PersonalApiKeyService,
    private readonly store: PersonStore,
    private readonly mails: MailOutbox,
    private readonly events: EventService,
  ) {}

  async eraseByStaff(access: PersonAccess, userId: string, confirmEmail: string): Promise<void> {
    if (userId === access.actor.userId) throw userErrors.own_account();
    await this.db.transaction(async (tx) => {
      await this.operators.lock(tx, access.operator.id);
      const user = await this.users.get(tx, access.operator.id, { userId });
      await this.authority.assertMayActOn(tx, access, user);
      // An account that shares its address with another still has it in an older form.
      if (normalizeEmail(user.email) !== confirmEmail) throw userErrors.confirmation_mismatch();
      await this.erase(tx, access, user);
    });
  }

  async eraseSelf(access: PersonAccess): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.operators.lock(tx, access.homeOperatorId);
      await this.erase(tx, access, await this.users.get(tx, access.homeOperatorId, access.actor));
    });
  }

  /** Locks in the order operator → organizations → user. Of platform admins who erase each other, one remains. */
  private async erase(tx: Tx, { actor, homeOperatorId }: PersonAccess, found: User): Promise<void> {
    const memberships = await this.store.lockOrganizations(tx, found.id);
    if (found.platformAdmin) await this.users.lockPlatformAdmins(tx);
    const caller = await this.users.find(tx, homeOperatorId, actor.userId);
    if (!caller || caller.blockedAt) throw authErrors.invalid_token();
    const user = await this.users.lock(tx, found.id);
    const organizations = await this.store.lastAdminOf(tx, user.id);
    const needed = await this.store.isLastStaffAdmin(tx, user);
    if (organizations.length > 0 || needed) throw userErrors.last_admin({ data: { organizations } });
    await this.mails.forget(tx, user.operatorId, user);
    await this.apiKeys.revokeAll(tx, actor, user.id);
    await this.store.removeData(tx, user);
    await this.users.erase(tx, actor, user);
    for (const organizationId of memberships)
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        { type: 'member.removed', actor, subject: { type: 'member', id: user.id } },
      );
  }
}
