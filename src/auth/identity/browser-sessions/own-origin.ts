import type { IncomingHttpHeaders } from 'node:http';

/** Compares with `Host` too, because a server on a loopback address is opened by several names. */
function isOwn(origin: string, host: string | undefined, baseUrl: string): boolean {
  const own = new URL(baseUrl);
  if (origin === own.origin) return true;
  if (!URL.canParse(origin)) return false;
  const given = new URL(origin);
  return given.protocol === own.protocol && given.host !== '' && given.host === host;
}

/**
 * Tells whether a request comes from a page of this server, or from no browser. Browsers set `Sec-Fetch-Site` and `Origin`
 * themselves, so no page can forge them.
 */
export function isFromOwnOrigin(headers: IncomingHttpHeaders, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return headers.origin === undefined || isOwn(headers.origin, headers.host, baseUrl);
}
