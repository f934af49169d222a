import { Refused } from '../api/problem';
import { consoleBase } from '../start';
import { type Outcome, signInStep } from './outcome';

export interface Connection {
  id: string;
  name: string;
  startUrl: string;
}

const KEY = `trellis-sso-${consoleBase}`;

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

interface Options {
  /** The page of the console where the sign-in ends, with its search. */
  path: string;
  loginHint?: string | undefined;
  /** The provider has to ask for the password again. */
  again?: boolean;
}

/**
 * Returns the URL at which a sign-in with an identity provider starts. Its code is of use only to this browser, which keeps
 * the verifier: an attacker cannot sign a visitor in to another account.
 */
export async function ssoUrl(startUrl: string, { path, loginHint, again }: Options): Promise<string> {
  const verifier = base64Url(crypto.getRandomValues(new Uint8Array(32)));
  localStorage.setItem(KEY, verifier);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(startUrl);
  url.searchParams.set('returnTo', new URL(consoleBase + path, url.origin).href);
  url.searchParams.set('codeChallenge', base64Url(new Uint8Array(digest)));
  if (loginHint) url.searchParams.set('loginHint', loginHint);
  if (again) url.searchParams.set('prompt', 'login');
  return url.href;
}

/** Returns the verifier of the sign-in that this browser started last. Codes of sign-ins that it did not start are refused. */
export function takeVerifier(): string {
  const codeVerifier = localStorage.getItem(KEY);
  localStorage.removeItem(KEY);
  if (codeVerifier) return codeVerifier;
  throw new Refused({ status: 0, code: 'sso.state_invalid', detail: 'This sign-in was not started in this browser.' });
}

export const redeemSsoCode = async (code: string): Promise<Outcome> =>
  signInStep('sso/token', { code, codeVerifier: takeVerifier() });
