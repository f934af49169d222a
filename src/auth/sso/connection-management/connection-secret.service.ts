import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../../common/crypto/index.js';
import { RateLimitService } from '../../../limits/index.js';
import type { SamlSettings, SsoConnection } from '../connections/connection.entity.js';
import type { ConnectionRow } from '../connections/connection.store.js';
import { CLIENT_SECRET_PURPOSE, connectionSecretOf, DECRYPTION_KEY_PURPOSE } from '../connections/connection.secret.js';
import { type EncryptionKey, newEncryptionKey } from '../saml/encryption-key.js';

/** What a request says about the secret of a connection. */
interface Given {
  clientSecret?: string | null;
  acceptsEncryptedAssertions?: boolean;
}

/** Makes the secrets of connections, and encrypts them for the database. */
@Injectable()
export class ConnectionSecretService {
  constructor(
    private readonly secrets: SecretBox,
    private readonly rateLimits: RateLimitService,
  ) {}

  /**
   * Makes a key if the request asks for one and the connection has none. It takes a tenth of a second of a core, so it is
   * done before anything is locked, and not often for one organization.
   */
  async newKeyFor(organizationId: string, given: Given, before: ConnectionRow | null): Promise<EncryptionKey | null> {
    const { encryptionCertificate } = (before?.settings ?? {}) as Partial<SamlSettings>;
    if (given.acceptsEncryptedAssertions !== true || before?.type === 'oidc' || encryptionCertificate !== undefined)
      return null;
    await this.rateLimits.consume('connection_keys', organizationId);
    return newEncryptionKey();
  }

  /** Returns the secret to store: null for none, undefined if the stored one stays. */
  sealed(
    { organizationId, id, type, settings }: Pick<SsoConnection, 'organizationId' | 'id' | 'type' | 'settings'>,
    { clientSecret }: Given,
    newKey: EncryptionKey | null,
  ): string | null | undefined {
    const location = connectionSecretOf(organizationId, id);
    if (type === 'oidc')
      return typeof clientSecret === 'string'
        ? this.secrets.encrypt(CLIENT_SECRET_PURPOSE, location, clientSecret)
        : clientSecret;
    const { encryptionCertificate } = settings as SamlSettings;
    if (encryptionCertificate === undefined) return null;
    // A key that another request has made in the meantime stays.
    if (encryptionCertificate !== newKey?.certificate) return undefined;
    return this.secrets.encrypt(DECRYPTION_KEY_PURPOSE, location, newKey.privateKey);
  }
}
