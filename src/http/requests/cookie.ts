/** Returns the values of all cookies of a name. Several hosts of one domain, or several paths, can each set one. */
export const cookieValues = (header = '', name: string): string[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));

interface Cookie {
  name: string;
  value: string;
  path: string;
  seconds: number;
  sameSite: 'Strict' | 'Lax';
  /** Tells whether browsers send the cookie by https only. */
  secure: boolean;
}

/** Returns `Set-Cookie` for a cookie that scripts cannot read. Removes it with 0 seconds. */
export function setCookieHeader({ name, value, path, seconds, sameSite, secure }: Cookie): string {
  const attributes = [`Path=${path}`, `Max-Age=${seconds}`, 'HttpOnly', `SameSite=${sameSite}`];
  return [`${name}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}
