import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../../common/crypto/index.js';
import { SAML } from '@node-saml/node-saml';
import { connectionSecretOf, DECRYPTION_KEY_PURPOSE } from '../connections/connection.secret.js';
import type { SamlSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import type { ServiceProvider } from '../connections/connection.view.js';
import { withGroupLists } from '../claims.js';
import type { SamlLogoutRequest } from './saml-logout.js';
import type { Departure } from '../connections/departure.js';
import { type SamlAssertion, samlOptions } from './saml-response.js';
import { SamlMessageReader } from './saml-message.reader.js';

const settingsOf = ({ settings }: UsableConnection): SamlSettings => settings as SamlSettings;

/** Talks SAML 2.0 to the identity providers of connections. Every failure has its own error code. */
@Injectable()
export class SamlProvider {
  constructor(
    private readonly messages: SamlMessageReader,
    private readonly secrets: SecretBox,
  ) {}

  /** Returns where to send the browser. `requestId` identifies the request. */
  async begin(
    connection: UsableConnection,
    us: ServiceProvider,
    { requestId, relayState, forceLogin }: { requestId: string; relayState: string; forceLogin: boolean },
  ): Promise<Departure> {
    const settings = settingsOf(connection);
    const posts = settings.ssoBinding === 'post';
    const saml = new SAML({
      ...samlOptions(settings, us),
      generateUniqueId: () => requestId,
      forceAuthn: forceLogin,
      skipRequestCompression: posts,
    });
    if (!posts) return { location: await saml.getAuthorizeUrlAsync(relayState, undefined, {}) };
    const fields = (await saml.getAuthorizeMessageAsync(relayState)) as Record<string, string>;
    return { location: settings.ssoUrl, fields };
  }

  metadata(connection: UsableConnection, us: ServiceProvider): string {
    const { encryptionCertificate = null } = settingsOf(connection);
    // Asks for the most, whatever the connection accepts.
    const options = {
      ...samlOptions(settingsOf(connection), us),
      wantAssertionsSigned: true,
      logoutCallbackUrl: us.logoutUrl,
      ...(encryptionCertificate !== null && { decryptionPvk: this.decryptionKeyOf(connection) ?? undefined }),
    };
    return new SAML(options).generateServiceProviderMetadata(encryptionCertificate, null);
  }

  /** Returns the assertion of a response to `requestId` (null: unsolicited). */
  async assertion(
    connection: UsableConnection,
    us: ServiceProvider,
    response: string,
    requestId: string | null,
  ): Promise<SamlAssertion> {
    const [settings, decryptionKey] = [settingsOf(connection), this.decryptionKeyOf(connection)];
    const assertion = await this.messages.read({ settings, us, response, requestId, decryptionKey });
    return { ...assertion, claims: withGroupLists(assertion.claims, connection.mapping) };
  }

  /** Reads a logout request. `query` is how it came by redirect, null if it was posted. */
  logout(
    connection: UsableConnection,
    us: ServiceProvider,
    request: string,
    query: string | null,
  ): Promise<SamlLogoutRequest> {
    const [settings, decryptionKey] = [settingsOf(connection), this.decryptionKeyOf(connection)];
    return this.messages.readLogout({ settings, us, decryptionKey, request, query });
  }

  /** Returns where the browser goes after a logout, or null if the provider does not say. */
  async logoutResponseUrl(
    connection: UsableConnection,
    us: ServiceProvider,
    { id }: SamlLogoutRequest,
    relayState: string,
  ): Promise<string | null> {
    const { idpLogoutUrl } = settingsOf(connection);
    if (idpLogoutUrl === undefined) return null;
    const saml = new SAML({ ...samlOptions(settingsOf(connection), us), logoutUrl: idpLogoutUrl });
    const request = { ID: id, issuer: '', nameID: '', nameIDFormat: '' };
    return saml.getLogoutResponseUrlAsync(request, relayState, {}, true);
  }

  private decryptionKeyOf({ organizationId, id, secret }: UsableConnection): string | null {
    if (secret === null) return null;
    return this.secrets.decrypt(DECRYPTION_KEY_PURPOSE, connectionSecretOf(organizationId, id), secret);
  }
}
