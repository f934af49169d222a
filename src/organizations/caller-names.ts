import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../common/access/index.js';
import type { Reader } from '../database/index.js';
import { Users } from '../users/index.js';
import { ApiKeyStore } from './api-keys/api-key.store.js';

/** What mails call whoever did something: the name of the person or of the API key. */
@Injectable()
export class CallerNames {
  constructor(
    private readonly users: Users,
    private readonly keys: ApiKeyStore,
  ) {}

  async of(reader: Reader, access: Access & Partial<OrganizationAccess>): Promise<string> {
    const { actor, homeOperatorId, organizationId = '' } = access;
    if (actor.type === 'api_key') return (await this.keys.find(reader, organizationId, actor.apiKeyId))?.name ?? '';
    return (await this.users.get(reader, homeOperatorId, { userId: actor.userId })).name;
  }
}
