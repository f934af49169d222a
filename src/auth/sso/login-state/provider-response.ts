import type { Assertion } from '../claims.js';
import type { UsableConnection } from '../connections/connection.store.js';

/** What an identity provider asserted, and the connection that it came through. */
export interface ProviderResponse {
  connection: UsableConnection;
  assertion: Assertion & { assertionId?: string };
}
