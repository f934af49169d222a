import { Injectable } from '@nestjs/common';
import type { PersonAccess } from '../common/access/index.js';
import { Database } from '../database/index.js';
import { UserService } from '../users/index.js';
import { PersonStore } from './person.store.js';

const EVENT_LIMIT = 10_000;

/** Gives users everything that is stored about them. */
@Injectable()
export class AccountExportService {
  constructor(
    private readonly db: Database,
    private readonly users: UserService,
    private readonly store: PersonStore,
  ) {}

  async export({ actor, homeOperatorId }: PersonAccess): Promise<object> {
    const { reader } = this.db;
    const user = await this.users.get(reader, homeOperatorId, actor);
    const { id, email, name, emailVerifiedAt, language, timeZone, colorScheme, createdAt } = user;
    return {
      exportedAt: new Date().toISOString(),
      account: { id, email, name, emailVerifiedAt, language, timeZone, colorScheme, createdAt },
      ...(await this.store.export(reader, user, EVENT_LIMIT)),
    };
  }
}
