import { isId } from '../../common/ids/index.js';
import type { Place } from '../setting.kind.js';
import { type FlatBranding, LOGO_FIELDS } from './branding.kind.js';

/** An uploaded logo: an operator's own, or one of an organization or its units. */
export interface LogoRef {
  organizationId?: string | undefined;
  id: string;
}

/**
 * Stored in a logo field in place of the URL of an upload, so that the logo is still found after `BASE_URL` changes.
 * Nobody can send it: requests take https URLs only.
 */
const UPLOADED = 'uploaded:';

/** As it stands in URLs: `<id>`, with `<organizationId>.` before it for what an organization owns. */
export const logoName = ({ organizationId, id }: LogoRef): string =>
  organizationId === undefined ? id : `${organizationId}.${id}`;

/** Null for anything that is not such a name. */
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

/** Stored values as they are answered: with URLs. */
export const withLogoUrls = <V extends Partial<FlatBranding>>(values: V, baseUrl: string, operatorSlug: string): V =>
  mapLogos(values, (value) =>
    value.startsWith(UPLOADED) ? prefixOf(baseUrl, operatorSlug) + value.slice(UPLOADED.length) : value,
  );

/** The other way: an answer that is sent back still means the upload, which a foreign link would let go. */
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

/** Ids of the uploads at `place` that its own stored values refer to. */
export function logosInUse(local: Partial<FlatBranding>, place: Place): string[] {
  return LOGO_FIELDS.flatMap((field) => {
    const value = local[field];
    const logo = value?.startsWith(UPLOADED) ? parseLogoName(value.slice(UPLOADED.length)) : null;
    return logo && logo.organizationId === place.organizationId ? [logo.id] : [];
  });
}
