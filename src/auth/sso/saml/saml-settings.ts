import type { Outgoing } from '../../../common/outgoing/index.js';
import type { CreateConnection, PatchConnection } from '../connections/connection.dto.js';
import { clockSkewOf, requiredSignatureOf, type SamlSettings } from '../connections/connection.entity.js';
import { refuse } from '../connections/connection.refusals.js';
import { ssoErrors } from '../sso.errors.js';
import type { EncryptionKey } from './encryption-key.js';
import { pemOf, readIdpMetadata } from './idp-metadata.js';

/** Reads the settings from the metadata. Fields in the request override it. */
export function samlSettings(
  given: CreateConnection | PatchConnection,
  before: SamlSettings | null,
  outgoing: Outgoing,
): SamlSettings {
  const read = given.metadata === undefined ? null : readIdpMetadata(given.metadata);
  const entityId =
    given.entityId ?? read?.entityId ?? before?.entityId ?? refuse('entityId', 'is required unless metadata is given');
  const ssoUrl =
    given.ssoUrl ?? read?.ssoUrl ?? before?.ssoUrl ?? refuse('ssoUrl', 'is required unless metadata is given');
  const certificates = given.certificates?.map(pemOf) ?? read?.certificates ?? before?.certificates ?? [];
  if (certificates.length === 0) refuse('certificates', 'is required unless metadata is given');
  const ssoBinding = given.ssoBinding ?? read?.ssoBinding ?? before?.ssoBinding ?? 'redirect';
  assertBrowserUrl('ssoUrl', ssoUrl, outgoing);
  const idpLogoutUrl =
    given.idpLogoutUrl === undefined ? (read?.idpLogoutUrl ?? before?.idpLogoutUrl ?? null) : given.idpLogoutUrl;
  if (idpLogoutUrl !== null) assertBrowserUrl('idpLogoutUrl', idpLogoutUrl, outgoing);
  const allowIdpInitiated = given.allowIdpInitiated ?? before?.allowIdpInitiated ?? false;
  const encrypts = given.acceptsEncryptedAssertions ?? before?.encryptionCertificate !== undefined;
  const encryptionCertificate = encrypts ? before?.encryptionCertificate : undefined;
  const requiredSignature = given.requiredSignature ?? requiredSignatureOf(before ?? {});
  return {
    entityId,
    ssoUrl,
    ssoBinding,
    ...(idpLogoutUrl !== null && { idpLogoutUrl }),
    certificates,
    allowIdpInitiated,
    requiredSignature,
    clockSkewSeconds: given.clockSkewSeconds ?? clockSkewOf(before ?? {}),
    ...(encryptionCertificate !== undefined && { encryptionCertificate }),
  };
}

/** Adds a new key, unless there is one: a key that another request has made in the meantime stays. */
export const withKey = <T extends object>(settings: T, newKey: EncryptionKey | null): T =>
  newKey ? { encryptionCertificate: newKey.certificate, ...settings } : settings;

/** Only the browser opens it, so private hosts are allowed over HTTPS. */
function assertBrowserUrl(field: string, given: string, outgoing: Outgoing): void {
  if (!URL.canParse(given)) refuse(field, 'must be a URL');
  const url = new URL(given);
  if (url.protocol !== 'https:' && outgoing.objectionTo(url)) throw ssoErrors.issuer_not_allowed();
}
