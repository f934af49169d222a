import { inflateRawSync } from 'node:zlib';
import { SAML } from '@node-saml/node-saml';
import type { AppError } from '../../../common/errors/index.js';
import { sessionNameOf } from '../claims.js';
import { clockSkewOf, type SamlSettings } from '../connections/connection.entity.js';
import type { ServiceProvider } from '../connections/connection.view.js';
import { ssoErrors } from '../sso.errors.js';
import { samlOptions } from './saml-response.js';
import { assertStrongSignatures, isAllowed } from './signature-algorithms.js';
import { parsed } from './xml-children.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

/** A logout request is small. */
const MAX_BYTES = 64 * 1024;
/** Shorter than its id is known, so that none works twice. */
const MAX_AGE_MS = 10 * 60_000;
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
  const { settings, us, decryptionKey, query } = message;
  try {
    const signed = query === null ? null : signedParameters(query);
    const request = signed?.SAMLRequest ?? message.request;
    const xml = xmlOf(request, signed !== null);
    if (!isWithinLimits(xml, RESPONSE_LIMITS)) throw invalid();
    const document = parsed(xml);
    assertStrongSignatures(document);
    const { documentElement: root } = document;
    // A signed request names where it goes, so that another service of the provider cannot pass it on.
    if (root.getAttribute('Destination') !== us.logoutUrl) throw invalid();
    const age = Math.abs(Date.now() - Date.parse(root.getAttribute('IssueInstant') ?? ''));
    if (!(age <= MAX_AGE_MS + clockSkewOf(settings) * 1000)) throw invalid();
    const saml = new SAML({
      ...samlOptions(settings, us),
      idpIssuer: settings.entityId,
      ...(decryptionKey !== null && { decryptionPvk: decryptionKey }),
    });
    const { profile } =
      signed === null
        ? await saml.validatePostRequestAsync({ SAMLRequest: request })
        : await saml.validateRedirectAsync(signed, queryOf(query ?? ''));
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

const SIGNED = ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature'];

/** The parameters of a request, as they were sent. The library searches others for what is signed, also in their values. */
const queryOf = (query: string): string =>
  query
    .split('&')
    .filter((part) => SIGNED.includes(part.split('=')[0] ?? ''))
    .join('&');

/** Returns the parameters that the signature covers, and the signature. The library accepts none, and each algorithm. */
function signedParameters(query: string): Record<string, string> {
  const parameters = new URLSearchParams(queryOf(query));
  const named = Object.fromEntries(parameters);
  const names = [...parameters.keys()];
  if (names.length !== new Set(names).size) throw invalid();
  if (!named.SAMLRequest || !named.Signature || !named.SigAlg) throw invalid();
  if (!isAllowed('SignatureMethod', named.SigAlg)) throw invalid();
  return named;
}
