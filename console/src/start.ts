import type { BrandingValues } from '@trellis/client';

/** What the server writes into the document, so that the first paint needs no request. */
export interface Start {
  operator: { slug: string; name: string };
  branding: BrandingValues;
  /** What the sign-in pages offer before they know who signs in. */
  signIn: {
    methods: ('password' | 'magic_link' | 'passkey' | 'oidc' | 'saml')[];
    selfRegistration: boolean;
    /** Whether users may create organizations. */
    createsOrganizations: boolean;
  };
  /** Whether the server is on this machine, so that sample data can be loaded. */
  takesSampleData: boolean;
  /** The path of BASE_URL without a slash at its end. */
  base: string;
}

export const start = JSON.parse(document.getElementById('start')?.textContent ?? '') as Start;
/** Allows the style elements that Mantine creates. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
export const consoleBase = `${start.base}/t/${start.operator.slug}`;
export const apiBase = `${consoleBase}/api/v1`;

/**
 * Returns the address of a picture for this page. The server names its own pictures by BASE_URL, but a loopback server is
 * opened by several names, and the policy of the page allows its own only.
 */
export function pictureUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname } = new URL(url);
  return pathname.startsWith(`${apiBase}/branding/logos/`) ? pathname : url;
}
