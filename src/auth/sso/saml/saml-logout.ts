import { inflateRawSync } from 'node:zlib';
import { SAML } from '@node-saml/node-saml';
import type { AppError } from '../../../common/errors/index.js';
import { sessionNameOf } from '../claims.js';
import type { SamlSettings } from '../connections/connection.entity.js';
import type { ServiceProvider } from '../connections/connection.view.js';
import { ssoErrors } from '../sso.errors.js';
import { samlOptions } from './saml-response.js';
import { assertStrongSignatures, isWeak } from './signature-algorithms.js';
import { parsed } from './xml-children.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

/** A logout request is small. */
const MAX_BYTES = 64 * 1024;
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** A logout request as a browser brought it. Plain data, for the worker. */
export interface SamlLogoutMessage {
  settings: SamlSettings;
  us: ServiceProvider;
  decryptionKey: string | null;
  /** Base64, deflated if it came by redirect. */
  request: string;
  /** The query it came with, as it was sent. Null: posted. */
  query: string | null;
}

/** Whom an identity provider has signed out. */
export interface SamlLogoutRequest {
  id: string;
  /** Null if the NameID is transient: then `providerSession` is set. */
  subject: string | null;
  providerSession: string | null;
}

/** Returns a request that the provider has signed, and that is for this service and not expired. */
export async function readSamlLogout(message: SamlLogoutMessage): Promise<SamlLogoutRequest> {
  const { settings, us, decryptionKey, request, query } = message;
  try {
    const xml = xmlOf(request, query !== null);
    if (!isWithinLimits(xml, RESPONSE_LIMITS)) throw invalid();
    const document = parsed(xml);
    assertStrongSignatures(document);
    const destination = document.documentElement.getAttribute('Destination');
    if (destination && destination !== us.logoutUrl) throw invalid();
    const saml = new SAML({
      ...samlOptions(settings, us),
      idpIssuer: settings.entityId,
      ...(decryptionKey !== null && { decryptionPvk: decryptionKey }),
    });
    const { profile } =
      query === null
        ? await saml.validatePostRequestAsync({ SAMLRequest: request })
        : await saml.validateRedirectAsync(signedQuery(query), query);
    if (!profile?.ID) throw invalid();
    const subject = profile.nameIDFormat === TRANSIENT ? null : profile.nameID || null;
    const providerSession = sessionNameOf(profile.sessionIndex);
    if ((subject ?? providerSession) === null) throw invalid();
    return { id: profile.ID, subject, providerSession };
  } catch {
    throw invalid();
  }
}

const invalid = (): AppError => ssoErrors.logout_request_invalid();

function xmlOf(request: string, deflated: boolean): string {
  const bytes = Buffer.from(request, 'base64');
  return (deflated ? inflateRawSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes).toString('utf8');
}

/** The library accepts a query without a signature, and each algorithm. */
function signedQuery(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  const named = Object.fromEntries(parameters);
  if (!named.Signature || !named.SigAlg || isWeak(named.SigAlg) || [...parameters.keys()].length > 8) throw invalid();
  return named;
}
