import { type Profile, SAML, type SamlConfig, SamlStatusError, ValidateInResponseTo } from '@node-saml/node-saml';
import { AppError } from '../../../common/errors/index.js';
import { type Assertion, sessionNameOf } from '../claims.js';
import {
  clockSkewOf,
  type RequiredSignature,
  requiredSignatureOf,
  type SamlSettings,
} from '../connections/connection.entity.js';
import type { ServiceProvider } from '../connections/connection.view.js';
import { ssoErrors } from '../sso.errors.js';
import { claimsOf, stableSubjectOf } from './saml-claims.js';
import { first, type Node } from './xml-node.js';
import { notWithinLimits } from './saml-refusal.js';
import { assertSuccess } from './saml-status.js';
import { decryptedAssertion } from './encrypted-assertion.js';
import { missingSignature } from './missing-signature.js';
import { parsed } from './xml-children.js';
import { assertStrongSignatures } from './signature-algorithms.js';
import { signingCertificates } from './signing-certificates.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

const MAX_AGE_MS = 10 * 60_000;
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** A response as a browser posted it, and what it has to be an answer to. Plain data, for the worker. */
export interface SamlResponse {
  settings: SamlSettings;
  us: ServiceProvider;
  /** Base64. */
  response: string;
  /** Null: unsolicited. */
  requestId: string | null;
  /** For encrypted assertions, as PEM. Null: the connection accepts none. */
  decryptionKey: string | null;
}

export interface SamlAssertion extends Assertion {
  /** Unique at its provider, and accepted once. */
  assertionId: string;
}

/** As the worker reads it. */
export type ReadAssertion = Omit<SamlAssertion, 'askedForMore'>;

/**
 * Maps messages of the library to refusals. The first match wins. What only a verified assertion can cause is matched from the
 * start, because errors of the parser quote what they found.
 */
const OF_MESSAGE: [RegExp, () => AppError][] = [
  [/^(?:Subject)?InResponseTo /, () => ssoErrors.in_response_to_mismatch()],
  [/^SAML assertion (?:has no )?audience/i, () => ssoErrors.audience_mismatch()],
  [/^SAML assertion (?:expired|not yet valid)|^No valid subject confirmation/, () => ssoErrors.token_expired()],
  [/signature|signed data|too many transforms|ref URI/i, () => ssoErrors.signature_invalid()],
];

function violation(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof SamlStatusError) return ssoErrors.provider_refused();
  const message = error instanceof Error ? error.message : '';
  return OF_MESSAGE.find(([pattern]) => pattern.test(message))?.[1]() ?? ssoErrors.response_invalid();
}

/**
 * Returns the assertion of a response. What the connection requires must be signed by one of its certificates, and be valid
 * for this service, now, and for `requestId`. Only signed content is read.
 */
export async function readSamlResponse(given: SamlResponse): Promise<ReadAssertion> {
  const { settings, us, response, requestId, decryptionKey } = given;
  const xml = Buffer.from(response, 'base64').toString('utf8');
  if (!isWithinLimits(xml, RESPONSE_LIMITS)) throw notWithinLimits();
  const document = parsed(xml);
  let decrypted: Document | null = null;
  try {
    assertStrongSignatures(document);
    assertSuccess(document);
    // Before anything is decrypted, so that which error comes says nothing about encrypted contents.
    if (requestId !== null && document.documentElement.getAttribute('InResponseTo') !== requestId)
      throw ssoErrors.in_response_to_mismatch();
    decrypted = await decryptedAssertion(document, decryptionKey);
    const messages = decrypted ? [document, decrypted] : [document];
    const certificates = signingCertificates(messages, settings.certificates);
    const saml = new SAML({
      ...samlOptions({ ...settings, certificates }, us),
      ...(decryptionKey !== null && { decryptionPvk: decryptionKey }),
      validateInResponseTo: requestId === null ? ValidateInResponseTo.never : ValidateInResponseTo.always,
      cacheProvider: onlyKnowing(requestId),
    });
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
    if (!profile) throw ssoErrors.response_invalid();
    return read(profile, settings, us, requestId);
  } catch (error) {
    const refusal = violation(error);
    if (![ssoErrors.signature_invalid().code, ssoErrors.response_invalid().code].includes(refusal.code)) throw refusal;
    if (decrypted) throw ssoErrors.assertion_not_decrypted();
    throw refusal.code === ssoErrors.signature_invalid().code
      ? (missingSignature(document, requiredSignatureOf(settings)) ?? refusal)
      : refusal;
  }
}

const asksFor = ({ requiredSignature }: SamlSettings, part: RequiredSignature): boolean =>
  requiredSignature === part || requiredSignature === 'both';

export const samlOptions = (settings: SamlSettings, { entityId, acsUrl }: ServiceProvider): SamlConfig => ({
  entryPoint: settings.ssoUrl,
  idpCert: settings.certificates,
  issuer: entityId,
  audience: entityId,
  callbackUrl: acsUrl,
  identifierFormat: null,
  disableRequestedAuthnContext: true,
  wantAuthnResponseSigned: asksFor(settings, 'response'),
  wantAssertionsSigned: asksFor(settings, 'assertion'),
  acceptedClockSkewMs: clockSkewOf(settings) * 1000,
  maxAssertionAgeMs: MAX_AGE_MS,
});

/** Tells the library which request may be answered: the one that the state represents. */
const onlyKnowing = (requestId: string | null) => ({
  saveAsync: () => Promise.resolve(null),
  removeAsync: () => Promise.resolve(null),
  getAsync: (id: string | null) => Promise.resolve(id !== null && id === requestId ? new Date().toISOString() : null),
});

/** Checks what the library does not check, and reads the user's data. */
function read(profile: Profile, settings: SamlSettings, us: ServiceProvider, requestId: string | null): ReadAssertion {
  const { entityId } = settings;
  const assertion = (profile.getAssertion?.() as { Assertion?: Node } | undefined)?.Assertion;
  if (first(assertion, 'Issuer')?._ !== entityId) throw ssoErrors.issuer_mismatch();
  const confirmed =
    first(first(first(assertion, 'Subject'), 'SubjectConfirmation'), 'SubjectConfirmationData')?.$ ?? {};
  if (confirmed.Recipient !== us.acsUrl) throw ssoErrors.recipient_mismatch();
  if (!confirmed.NotOnOrAfter || Number.isNaN(Date.parse(confirmed.NotOnOrAfter))) throw ssoErrors.token_expired();
  if (Date.parse(confirmed.NotOnOrAfter) + clockSkewOf(settings) * 1000 < Date.now()) throw ssoErrors.token_expired();
  if ((confirmed.InResponseTo ?? null) !== requestId) throw ssoErrors.in_response_to_mismatch();
  if (!first(assertion, 'Conditions')) throw ssoErrors.claim_missing({ data: { claim: 'Conditions' } });
  const assertionId = assertion?.$?.ID;
  if (!assertionId) throw ssoErrors.claim_missing({ data: { claim: 'ID' } });
  const { nameID, nameIDFormat } = profile;
  // A transient NameID cannot identify the user at the next sign-in.
  const isNameId = nameIDFormat !== TRANSIENT;
  const subject = isNameId ? nameID : stableSubjectOf(assertion);
  if (!subject) throw subjectMissing(assertion, nameIDFormat);
  const claims = claimsOf({ id: subject, isNameId }, assertion);
  const authentication = first(assertion, 'AuthnStatement')?.$;
  const instant = Date.parse(authentication?.AuthnInstant ?? '');
  return {
    issuer: entityId,
    subject,
    claims,
    saysVerified: false,
    authenticatedAt: Number.isNaN(instant) ? null : new Date(instant).toISOString(),
    providerSession: sessionNameOf(authentication?.SessionIndex),
    assertionId,
  };
}

function subjectMissing(assertion: Node | undefined, format: string | undefined): AppError {
  const data = { claim: 'NameID' };
  if (format === TRANSIENT)
    return ssoErrors.claim_missing({
      data,
      detail:
        'The identity provider gives each user another NameID at each sign-in. Let it send a lasting one, or subject-id, pairwise-id or eduPersonTargetedID.',
    });
  if (first(first(assertion, 'Subject'), 'EncryptedID'))
    return ssoErrors.claim_missing({
      data,
      detail: 'The identity provider encrypted the NameID alone. Let it encrypt the whole assertion, or nothing.',
    });
  return ssoErrors.claim_missing({ data });
}
