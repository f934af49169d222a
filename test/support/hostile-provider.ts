import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

interface Key {
  kid: string;
  jwk: Json;
  privateKey: KeyObject;
}

/** How an answer differs from a good one; each part is given the good one to change. */
export interface Fault {
  metadata?: (good: Json) => unknown;
  claims?: (good: Json) => Json;
  header?: (good: Json) => Json;
  /** Signs in the place of the provider. */
  sign?: (input: string, header: Json) => string;
  /** The keys it publishes. */
  keys?: (good: Json[]) => unknown;
  /** The whole answer of the token endpoint. */
  tokens?: (good: Json) => unknown;
  /** Writes the answer of the token endpoint itself. */
  respond?: (response: ServerResponse) => void;
  /** Where its authorization endpoint sends the browser instead of back. */
  authorize?: (url: string) => string;
  /** The answer of the user info endpoint: claims, or a token with this header. */
  userinfo?: Json | { header: Json; claims: Json };
  /** What is added to the query of the callback. */
  callback?: (good: Json) => Json;
}

export interface HostileProvider {
  issuer: string;
  keys: Key[];
  /** What the next sign-in does wrong. */
  fault: Fault;
  /** Where the browser is sent back to. */
  answer(authorizationUrl: string): string;
  /** Requests of the token endpoint so far. */
  asked: URLSearchParams[];
  close(): Promise<void>;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function newKey(kid: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

export const signedBy =
  ({ privateKey }: Pick<Key, 'privateKey'>) =>
  (input: string): string =>
    createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url');

export const keyedWith =
  (secret: string) =>
  (input: string): string =>
    createHmac('sha256', secret).update(input).digest('base64url');

/** The hash of a token as an ID token carries it, for algorithms with SHA-256. */
export const halfHash = (value: string): string =>
  createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');

export const anotherKey = newKey('another');

/** An OpenID provider written by hand, which can be told what to do wrong. */
export async function startHostileProvider(clientId: string, person: Json): Promise<HostileProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: HostileProvider = { issuer, keys: [newKey('one')], fault: {}, answer, asked: [], close };
  let nonce = '';

  function answer(url: string): string {
    const asked = new URL(url).searchParams;
    nonce = asked.get('nonce') ?? '';
    const good = { code: 'the-code', state: asked.get('state'), iss: issuer };
    const given = provider.fault.callback?.(good) ?? good;
    return `${asked.get('redirect_uri')}?${new URLSearchParams(given as Record<string, string>)}`;
  }

  function idToken(): string {
    const now = Math.floor(Date.now() / 1000);
    const [key] = provider.keys;
    const { claims, header, sign } = provider.fault;
    const good = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...person };
    const goodHeader = { alg: 'RS256', typ: 'JWT', kid: key?.kid };
    const usedHeader = header?.(goodHeader) ?? goodHeader;
    const input = `${encode(usedHeader)}.${encode(claims?.(good) ?? good)}`;
    return `${input}.${sign ? sign(input, usedHeader) : signedBy(key as Key)(input)}`;
  }

  function bodyOf(path: string | undefined): unknown {
    const { metadata, keys, tokens } = provider.fault;
    if (path === '/.well-known/openid-configuration') {
      const good = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        authorization_response_iss_parameter_supported: true,
      };
      return metadata?.(good) ?? good;
    }
    const jwks = provider.keys.map(({ jwk }) => jwk);
    if (path === '/jwks') return keys ? keys(jwks) : { keys: jwks };
    const good = { access_token: 'the-token', token_type: 'Bearer', expires_in: 60, id_token: idToken() };
    return tokens?.(good) ?? good;
  }

  server.on('request', (request, response) => {
    if (request.url?.startsWith('/authorize?')) {
      const url = `${issuer}${request.url}`;
      response.writeHead(302, { location: provider.fault.authorize?.(url) ?? answer(url) }).end();
      return;
    }
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/token') {
        provider.asked.push(new URLSearchParams(Buffer.concat(parts).toString()));
        if (provider.fault.respond) return provider.fault.respond(response);
      }
      if (request.url === '/userinfo') return sendUserInfo(response);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(bodyOf(request.url)));
    });
  });

  function sendUserInfo(response: ServerResponse): void {
    const { userinfo, sign } = provider.fault;
    if (!userinfo) return void response.writeHead(503).end();
    if (!('header' in userinfo))
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(userinfo));
    const input = `${encode(userinfo.header)}.${encode(userinfo.claims)}`;
    const signature = (sign ?? signedBy(provider.keys[0] as Key))(input, userinfo.header as Json);
    response.setHeader('content-type', 'application/jwt').end(`${input}.${signature}`);
  }

  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  return provider;
}
