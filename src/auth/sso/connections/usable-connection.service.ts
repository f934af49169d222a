import { Injectable } from '@nestjs/common';
import type { OperatorRef } from '../../../common/access/index.js';
import type { Reader } from '../../../database/index.js';
import { isId } from '../../../common/ids/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { ConnectionStore, type UsableConnection } from './connection.store.js';
import { ssoErrors } from '../sso.errors.js';
import type { SsoIntent } from '../sso-intent.js';

@Injectable()
export class UsableConnectionService {
  constructor(private readonly connections: ConnectionStore) {}

  /** Finds a connection that can be used. Tests may use disabled ones too. */
  async get(
    reader: Reader,
    operator: OperatorRef,
    id: string,
    { type, intent }: { type?: UsableConnection['type']; intent?: SsoIntent | undefined } = {},
  ): Promise<UsableConnection> {
    const connection = isId(id) ? await this.connections.findUsable(reader, operator.id, id) : null;
    if (!connection || (type && connection.type !== type)) throw ssoErrors.connection_not_found();
    assertUsable(connection, intent);
    return connection;
  }
}

export function assertUsable({ suspended, enabled }: UsableConnection, intent?: SsoIntent): void {
  if (suspended) throw organizationErrors.suspended();
  if (!enabled && intent?.kind !== 'test') throw ssoErrors.connection_disabled();
}
