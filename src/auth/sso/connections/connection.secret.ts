import type { CiphertextLocation } from '../../../common/crypto/index.js';

export const CLIENT_SECRET_PURPOSE = 'sso-client-secret';

/** Where the client secret of a connection is stored. */
export const clientSecretOf = (organizationId: string, id: string): CiphertextLocation => ({
  table: 'sso_connections',
  column: 'secret',
  row: [organizationId, id],
});
