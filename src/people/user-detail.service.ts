import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import type { Page, PageQuery } from '../common/pagination/index.js';
import { Database } from '../database/index.js';
import { SessionService, type SessionView } from '../auth/identity/index.js';
import { toUserView, UserService } from '../users/index.js';
import type { UserDetailView } from './user-detail.dto.js';
import { UserDetailStore } from './user-detail.store.js';

const instant = (value: string | Date): string => new Date(value).toISOString();

/** Shows staff a user with all that matters for helping them. */
@Injectable()
export class UserDetailService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly sessions: SessionService,
    private readonly store: UserDetailStore,
  ) {}

  async view({ operator }: PersonAccess, userId: string): Promise<UserDetailView> {
    const { reader } = this.db;
    const user = await this.users.get(reader, operator.id, { userId });
    const { factors, memberships, lastSignInAt, operatorRole, membershipCount } = await this.store.find(
      reader,
      operator.id,
      user.id,
    );
    return {
      ...toUserView(user),
      emailVerifiedAt: user.emailVerifiedAt?.toISOString() ?? null,
      blockedAt: user.blockedAt?.toISOString() ?? null,
      operatorRole,
      platformAdmin: user.platformAdmin,
      lastSignInAt: lastSignInAt?.toISOString() ?? null,
      liveSessions: await this.sessions.countLive(reader, user.id),
      factors: factors.map((factor) => ({ ...factor, lastUsedAt: factor.lastUsedAt && instant(factor.lastUsedAt) })),
      memberships: memberships.map((one) => ({ ...one, joinedAt: instant(one.joinedAt) })),
      membershipCount,
    };
  }

  async listSessions({ operator, actor }: PersonAccess, userId: string, query: PageQuery): Promise<Page<SessionView>> {
    const user = await this.users.get(this.db.reader, operator.id, { userId });
    return this.sessions.listOfUser(user.id, actor.sessionId, query);
  }
}
