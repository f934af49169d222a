import { Injectable } from '@nestjs/common';
import type { Access } from '../common/access/index.js';
import type { Reader } from '../database/index.js';
import { UserService } from '../users/index.js';

/** Returns the name by which mails refer to the caller: that of the user or of the API key. */
@Injectable()
export class CallerNameService {
  constructor(private readonly users: UserService) {}

  async of(reader: Reader, { actor, homeOperatorId }: Access): Promise<string> {
    if (actor.type === 'api_key') return actor.name;
    return (await this.users.get(reader, homeOperatorId, { userId: actor.userId })).name;
  }
}
