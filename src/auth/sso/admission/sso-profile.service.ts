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
    const covers = (address: string) => this.domains.covers(tx, operator.id, organizationId, address);
    const renamed = name !== null && name !== user.name;
    const moved = email !== null && email !== user.email;
    if (user.blockedAt || !(renamed || moved) || !(await covers(user.email))) return user;
    if (await this.staff.isStaff(tx, operator.id, user)) return user;
    if (moved && (await covers(email))) await this.emailChanges.propose(tx, operator, user.id, email);
    if (!renamed) return user;
    await this.users.rename(tx, actor, await this.users.lock(tx, user.id), name);
    return { ...user, name };
  }
}
