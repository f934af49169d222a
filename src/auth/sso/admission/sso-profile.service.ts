import { Injectable } from '@nestjs/common';
import type { Actor, OperatorRef } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { DomainService } from '../../../organizations/index.js';
import { StaffService, type User, UserService } from '../../../users/index.js';
import { EmailChangeService } from '../../identity/index.js';
import type { Profile } from '../claims.js';

/** Lets accounts follow their users at the identity provider of the organization that owns the domain of their address. */
@Injectable()
export class SsoProfileService {
  constructor(
    private readonly users: UserService,
    private readonly staff: StaffService,
    private readonly domains: DomainService,
    private readonly emailChanges: EmailChangeService,
  ) {}

  /** Takes over the name at once, and the address once both mailboxes have confirmed. Never for staff of the operator. */
  async follow(
    tx: Tx,
    actor: Actor,
    operator: OperatorRef,
    organizationId: string,
    user: User,
    { name, email }: Pick<Profile, 'name' | 'email'>,
  ): Promise<User> {
    if (user.blockedAt) return user;
    if (email !== null) await this.emailChanges.propose(tx, operator, organizationId, user, email);
    if (name === null || name === user.name) return user;
    const owned = await this.domains.covers(tx, operator.id, organizationId, user.email);
    if (!owned || (await this.staff.isStaff(tx, operator.id, user))) return user;
    await this.users.rename(tx, actor, await this.users.lock(tx, user.id), name);
    return { ...user, name };
  }
}
