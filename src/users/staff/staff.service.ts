import { Injectable } from '@nestjs/common';
import type { Access, Actor, Role } from '../../common/access/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { EventService, type Stream } from '../../events/index.js';
import { OperatorApiKeyService, OperatorService } from '../../operators/index.js';
import { MemberService } from '../members/index.js';
import type { User } from '../user.entity.js';
import { UserService } from '../user.service.js';
import { StaffStore } from './staff.store.js';

/** Manages the members of an operator, called staff. */
@Injectable()
export class StaffService extends MemberService<Access> {
  constructor(
    db: Database,
    store: StaffStore,
    events: EventService,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly apiKeys: OperatorApiKeyService,
  ) {
    super(db, store, events, { event: 'operator_member', keepsAdmin: true });
  }

  /** Adds the first admin of an operator that is being created. */
  async addFirst(tx: Tx, actor: Actor, operatorId: string, userId: string): Promise<void> {
    await this.store.insert(tx, [operatorId], userId, 'admin');
    await this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      {
        type: 'operator_member.added',
        actor,
        subject: { type: 'operator_member', id: userId },
        after: { role: 'admin' },
      },
    );
  }

  /** Tells whether a user has a role at the operator or is a platform admin. */
  async isStaff(reader: Reader, operatorId: string, { id, platformAdmin }: User): Promise<boolean> {
    return platformAdmin || (await this.store.find(reader, [operatorId], id)) !== null;
  }

  protected scope(access: Access): string[] {
    return [access.operator.id];
  }

  protected stream(access: Access): Stream {
    return { kind: 'operator', id: access.operator.id };
  }

  protected ownRole(access: Access): Role | null {
    return access.operatorRole;
  }

  protected async lock(tx: Tx, access: Access): Promise<void> {
    await this.operators.lock(tx, access.operator.id);
  }

  /** Revokes the API keys that the member made, unless they are still an admin. */
  protected override async afterChange(tx: Tx, access: Access, userId: string): Promise<void> {
    const member = await this.store.find(tx, this.scope(access), userId);
    if (member?.role !== 'admin') await this.apiKeys.revokeOf(tx, access.actor, userId, access.operator.id);
  }

  protected candidate(tx: Tx, access: Access, input: { userId?: string; email?: string }): Promise<{ id: string }> {
    return this.users.get(tx, access.operator.id, input);
  }
}
