import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import { AUDIENCE, authErrors } from '../../access/index.js';
import { ClientStore } from './client.store.js';

/** Whom tokens may be for. */
@Injectable()
export class AudienceService {
  constructor(private readonly clients: ClientStore) {}

  /** Null is Trellis itself, by whatever name. Throws auth.audience_unknown. */
  async known(reader: Reader, operatorId: string, wanted: string | null | undefined): Promise<string | null> {
    const audience = wanted ?? null;
    if (audience === null || audience === AUDIENCE) return null;
    if (!(await this.clients.hasAudience(reader, operatorId, audience))) throw authErrors.audience_unknown();
    return audience;
  }
}
