import type { CiphertextLocation } from '../../../common/crypto/index.js';

export const CLIENT_SECRET_PURPOSE = 'sso-client-secret';
export const DECRYPTION_KEY_PURPOSE = 'sso-decryption-key';

/** Where the secret of a connection is stored: the client secret (OpenID), or the key that decrypts assertions (SAML). */
export const connectionSecretOf = (organizationId: string, id: string): CiphertextLocation => ({
  table: 'sso_connections',
  column: 'secret',
  row: [organizationId, id],
});
