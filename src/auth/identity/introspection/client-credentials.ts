import { commonErrors } from '../../../common/errors/index.js';

export interface ClientCredentials {
  id: string;
  secret: string;
}

const BASIC = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i;

/** RFC 6749 2.3.1: both parts are form-encoded before they are joined. */
const decoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/**
 * Reads the client's credentials from the `Authorization` header or from the body, but not from both. Returns null if
 * they are missing or unreadable.
 */
export function credentialsOf(
  authorization: string | undefined,
  body: { client_id?: string | undefined; client_secret?: string | undefined },
): ClientCredentials | null {
  const { client_id: id, client_secret: secret } = body;
  if (authorization === undefined) return id !== undefined && secret !== undefined ? { id, secret } : null;
  if (secret !== undefined)
    throw commonErrors.validation_failed({
      errors: [
        { field: 'client_secret', message: 'client_secret must not be sent together with an Authorization header' },
      ],
    });
  const text = Buffer.from(BASIC.exec(authorization)?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  try {
    const shown = { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
    return id === undefined || id === shown.id ? shown : null;
  } catch {
    return null;
  }
}
