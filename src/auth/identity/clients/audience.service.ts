import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import { AUDIENCE, authErrors } from '../../access/index.js';
import { ClientStore } from './client.store.js';

/** Resolves the audience that a token is requested for. */
@Injectable()
export class AudienceService {
  constructor(private readonly clients: ClientStore) {}

  /** Returns null for Trellis itself, whichever of its names is given. */
  async known(reader: Reader, operatorId: string, wanted: string | null | undefined): Promise<string | null> {
    const audience = wanted ?? null;
    if (audience === null || audience === AUDIENCE) return null;
    if (!(await this.clients.hasAudience(reader, operatorId, audience))) throw authErrors.audience_unknown();
    return audience;
  }
}
