import { Injectable } from '@nestjs/common';
import { SAML } from '@node-saml/node-saml';
import type { SamlSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import type { ServiceProvider } from '../connections/connection.view.js';
import { withGroupLists } from '../claims.js';
import { type SamlAssertion, samlOptions } from './saml-response.js';
import { SamlResponseReader } from './saml-response.reader.js';

const settingsOf = ({ settings }: UsableConnection): SamlSettings => settings as SamlSettings;

/** Talks SAML 2.0 to the identity providers of connections. Every failure has its own error code. */
@Injectable()
export class SamlProvider {
  constructor(private readonly responses: SamlResponseReader) {}

  /** Returns the URL to send the browser to. `requestId` identifies the request. */
  async authorizationUrl(
    connection: UsableConnection,
    us: ServiceProvider,
    { requestId, relayState, forceLogin }: { requestId: string; relayState: string; forceLogin: boolean },
  ): Promise<string> {
    const saml = new SAML({
      ...samlOptions(settingsOf(connection), us),
      generateUniqueId: () => requestId,
      forceAuthn: forceLogin,
    });
    return saml.getAuthorizeUrlAsync(relayState, undefined, {});
  }

  metadata(connection: UsableConnection, us: ServiceProvider): string {
    // Asks for the most, whatever the connection accepts.
    const options = { ...samlOptions(settingsOf(connection), us), wantAssertionsSigned: true };
    return new SAML(options).generateServiceProviderMetadata(null, null);
  }

  /** Returns the assertion of a response to `requestId` (null: unsolicited). */
  async assertion(
    connection: UsableConnection,
    us: ServiceProvider,
    response: string,
    requestId: string | null,
  ): Promise<SamlAssertion> {
    const assertion = await this.responses.read({ settings: settingsOf(connection), us, response, requestId });
    return { ...assertion, claims: withGroupLists(assertion.claims, connection.mapping) };
  }
}
