import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../common/access/index.js';
import type { Reader } from '../database/index.js';
import { UserService } from '../users/index.js';
import { OrganizationNoticeStore } from './organization-notice.store.js';

/** Returns the name by which mails refer to the caller: that of the user or of the API key. */
@Injectable()
export class CallerNameService {
  constructor(
    private readonly users: UserService,
    private readonly store: OrganizationNoticeStore,
  ) {}

  async of(reader: Reader, access: Access & Partial<OrganizationAccess>): Promise<string> {
    const { actor, homeOperatorId, organizationId = '' } = access;
    if (actor.type === 'api_key') return (await this.store.apiKeyName(reader, organizationId, actor.apiKeyId)) ?? '';
    return (await this.users.get(reader, homeOperatorId, { userId: actor.userId })).name;
  }
}
