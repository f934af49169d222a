import { ssoErrors } from '../sso.errors.js';

/** A program that listens on the machine of whoever uses it (RFC 8252). */
const LOOPBACK = ['127.0.0.1', '[::1]'];

/**
 * Where a sign-in may lead in the end: this server's own pages, or a program on the same machine as the browser, which
 * has to show with a verifier that it is the one that began. Throws sso.return_not_allowed.
 */
export function assertReturn(returnTo: string, baseUrl: string, hasChallenge: boolean): void {
  const url = URL.canParse(returnTo) ? new URL(returnTo) : null;
  const own = new URL(baseUrl);
  const plain = url && !url.username && !url.password && !url.hash;
  const atHome = url?.origin === own.origin && `${url.pathname}/`.startsWith(`${own.pathname.replace(/\/$/, '')}/`);
  const program = hasChallenge && url?.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (!plain || !(atHome || program)) throw ssoErrors.return_not_allowed();
}

/** The address with something added to its query. */
export function withQuery(returnTo: string, added: Record<string, string>): string {
  const url = new URL(returnTo);
  for (const [name, value] of Object.entries(added)) url.searchParams.set(name, value);
  return url.href;
}
