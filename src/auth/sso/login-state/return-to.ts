import { ssoErrors } from '../sso.errors.js';

/** Addresses of a program on the user's machine (RFC 8252). */
const LOOPBACK = ['127.0.0.1', '[::1]'];

/**
 * Allows a sign-in to end at this server's own pages, or at a program on the user's machine that proves with a verifier
 * that it started the sign-in.
 */
export function assertReturn(returnTo: string, baseUrl: string, hasChallenge: boolean): void {
  const url = URL.canParse(returnTo) ? new URL(returnTo) : null;
  const own = new URL(baseUrl);
  const plain = url && !url.username && !url.password && !url.hash;
  const atHome = url?.origin === own.origin && `${url.pathname}/`.startsWith(`${own.pathname.replace(/\/$/, '')}/`);
  const program = hasChallenge && url?.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (!plain || !(atHome || program)) throw ssoErrors.return_not_allowed();
}

/** Returns the URL with parameters added to its query. */
export function withQuery(returnTo: string, added: Record<string, string>): string {
  const url = new URL(returnTo);
  for (const [name, value] of Object.entries(added)) url.searchParams.set(name, value);
  return url.href;
}
