import { isId } from '../../common/ids/index.js';
import type { Place } from '../setting.kind.js';
import { type FlatBranding, LOGO_FIELDS } from './branding.kind.js';

/** An uploaded logo. Logos of units belong to their organization. Logos of the operator have no `organizationId`. */
export interface LogoRef {
  organizationId?: string | undefined;
  id: string;
}

/**
 * Prefix of the value that a logo field stores for an upload, so that the logo is found after `BASE_URL` changes.
 * Requests cannot set it, because they accept https URLs only.
 */
const UPLOADED = 'uploaded:';

/** Returns the name in URLs: `<id>`, or `<organizationId>.<id>` for a logo of an organization. */
export const logoName = ({ organizationId, id }: LogoRef): string =>
  organizationId === undefined ? id : `${organizationId}.${id}`;

/** Returns null for any other text. */
export function parseLogoName(name: string): LogoRef | null {
  const parts = name.split('.');
  const id = parts.pop();
  const organizationId = parts.pop();
  if (parts.length > 0 || !isId(id) || (organizationId !== undefined && !isId(organizationId))) return null;
  return { organizationId, id };
}

export const uploadedLogo = (logo: LogoRef): string => `${UPLOADED}${logoName(logo)}`;

const prefixOf = (baseUrl: string, operatorSlug: string): string =>
  `${baseUrl}/t/${operatorSlug}/api/v1/branding/logos/`;

function mapLogos<V extends Partial<FlatBranding>>(values: V, map: (value: string) => string): V {
  const mapped = { ...values };
  for (const field of LOGO_FIELDS) {
    const value = mapped[field];
    if (typeof value === 'string') mapped[field] = map(value);
  }
  return mapped;
}

/** Replaces stored references by URLs, for responses. */
export const withLogoUrls = <V extends Partial<FlatBranding>>(values: V, baseUrl: string, operatorSlug: string): V =>
  mapLogos(values, (value) =>
    value.startsWith(UPLOADED) ? prefixOf(baseUrl, operatorSlug) + value.slice(UPLOADED.length) : value,
  );

const MAIL_SUFFIX = '.png';

/** Returns the upload whose picture for mails has this name in URLs, null for any other text. */
export const parseMailImageName = (name: string): LogoRef | null =>
  name.endsWith(MAIL_SUFFIX) ? parseLogoName(name.slice(0, -MAIL_SUFFIX.length)) : null;

export const mailImageUrl = (logo: LogoRef, baseUrl: string, operatorSlug: string): string =>
  prefixOf(baseUrl, operatorSlug) + logoName(logo) + MAIL_SUFFIX;

/** Returns the upload that a stored value refers to, null for a URL. */
export const uploadOf = (value: string): LogoRef | null =>
  value.startsWith(UPLOADED) ? parseLogoName(value.slice(UPLOADED.length)) : null;

/** Replaces URLs of own uploads by references, so that a response that is sent back keeps the upload. */
export const withLogoReferences = <V extends Partial<FlatBranding>>(
  values: V,
  baseUrl: string,
  operatorSlug: string,
): V =>
  mapLogos(values, (value) => {
    const prefix = prefixOf(baseUrl, operatorSlug);
    const logo = value.startsWith(prefix) ? parseLogoName(value.slice(prefix.length)) : null;
    return logo ? uploadedLogo(logo) : value;
  });

/** Returns the ids of the uploads that the values stored at `place` refer to. */
export function logosInUse(local: Partial<FlatBranding>, place: Place): string[] {
  return LOGO_FIELDS.flatMap((field) => {
    const value = local[field];
    const logo = value ? uploadOf(value) : null;
    return logo && logo.organizationId === place.organizationId ? [logo.id] : [];
  });
}
