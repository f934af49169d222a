import type { BrandingValues } from '@trellis/client';

/** What the server writes into the document, so that the first paint needs no request. */
export interface Start {
  operator: { slug: string; name: string };
  branding: BrandingValues;
  /** The path of BASE_URL without a slash at its end. */
  base: string;
}

export const start = JSON.parse(document.getElementById('start')?.textContent ?? '') as Start;
/** Allows the style elements that Mantine creates. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
export const consoleBase = `${start.base}/t/${start.operator.slug}`;
export const apiBase = `${consoleBase}/api/v1`;
