import { createHash, timingSafeEqual, webcrypto } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import * as client from 'openid-client';
import { SecretBox } from '../../../common/crypto/index.js';
import { Outgoing } from '../../../common/outgoing/index.js';
import { SigningKeyService } from '../../access/index.js';
import { type Claims, claimAt, completedBy, isSaid, profileOf, withGroupLists } from '../claims.js';
import { clockSkewOf, type OidcSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { CLIENT_SECRET_PURPOSE, connectionSecretOf } from '../connections/connection.secret.js';
import { ssoErrors } from '../sso.errors.js';
import { oidcRefusal } from './oidc-refusal.js';

const METADATA_MS = 5 * 60_000;
const TIMEOUT_SECONDS = 10;

/** Ties a response to its request. All fields derive from the state. */
export interface Exchange {
  state: string;
  nonce: string;
  verifier: string;
}

const settingsOf = ({ settings }: UsableConnection): OidcSettings => settings as OidcSettings;

/** Talks to the OpenID providers of connections. Every failure has its own error code. */
@Injectable()
export class OidcProvider {
  /** Keys are fetched at each sign-in and not cached, so that key rotations apply at once. */
  private readonly metadata = new LRUCache<string, client.ServerMetadata>({ max: 1_000, ttl: METADATA_MS });

  constructor(
    private readonly outgoing: Outgoing,
    private readonly secrets: SecretBox,
    private readonly keys: SigningKeyService,
  ) {}

  /** Returns the URL to send the browser to. */
  async authorizationUrl(
    connection: UsableConnection,
    redirectUri: string,
    { state, nonce, verifier }: Exchange,
    extra: { loginHint?: string | undefined; forceLogin?: boolean },
  ): Promise<URL> {
    return refusing(async () => {
      const configuration = await this.configurationOf(connection);
      return client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: settingsOf(connection).scopes.join(' '),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(extra.loginHint && { login_hint: extra.loginHint }),
        // Providers that do not know one of the two usually know the other.
        ...(extra.forceLogin && { prompt: 'login', max_age: '0' }),
      });
    });
  }

  /** Returns the claims for the response that the provider sent to `callback`. */
  async claims(connection: UsableConnection, callback: URL, { state, nonce, verifier }: Exchange): Promise<Claims> {
    return refusing(async () => {
      const configuration = await this.configurationOf(connection);
      const tokens = await client.authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims: Claims = { ...tokens.claims() };
      assertHash(claims.at_hash, tokens.access_token, tokens.id_token);
      assertHash(claims.c_hash, callback.searchParams.get('code'), tokens.id_token);
      const all = await this.completed(connection, configuration, claims, tokens.access_token);
      return withGroupLists(all, connection.mapping);
    });
  }

  /** Checks that the provider can be reached. */
  async check(connection: UsableConnection): Promise<void> {
    await refusing(async () => {
      this.metadata.delete(keyOf(connection));
      await this.configurationOf(connection);
    });
  }

  /** Returns where the provider publishes its keys. */
  async keySetUrl(connection: UsableConnection): Promise<string> {
    return refusing(async () => {
      const { jwks_uri: url } = (await this.configurationOf(connection)).serverMetadata();
      if (url === undefined) throw ssoErrors.provider_invalid();
      return url;
    });
  }

  /** Tells whether the provider announces that it names itself in its responses (RFC 9207). */
  async namesItself(connection: UsableConnection): Promise<boolean> {
    return refusing(async () => {
      const configuration = await this.configurationOf(connection);
      return configuration.serverMetadata().authorization_response_iss_parameter_supported === true;
    });
  }

  /** Adds claims from the user info endpoint, because some providers send them only there. */
  private async completed(
    { mapping, requireVerifiedEmail }: UsableConnection,
    configuration: client.Configuration,
    claims: Claims,
    accessToken: string,
  ): Promise<Claims> {
    const { name, email, emailVerified } = profileOf(claims, mapping);
    const mapped = [mapping.email, mapping.groups, mapping.organization].filter((path) => path !== null);
    const isWhole = mapped.every((path) => isSaid(claimAt(claims, path)));
    if (isWhole && name !== null && (emailVerified !== null || !requireVerifiedEmail)) return claims;
    if (!configuration.serverMetadata().userinfo_endpoint) return claims;
    const info: Claims = await client
      .fetchUserInfo(configuration, accessToken, claims.sub as string)
      .catch((error: unknown) => {
        if (isWhole) return {};
        throw error;
      });
    // It says so about its own address only.
    const about = profileOf(info, mapping).email;
    const { email_verified: _, ...others } = info;
    return completedBy(claims, email !== null && about !== null && about !== email ? others : info);
  }

  private async configurationOf(connection: UsableConnection): Promise<client.Configuration> {
    const { issuer, clientId } = settingsOf(connection);
    const clockTolerance = clockSkewOf(connection.settings);
    const auth = await this.clientAuth(connection);
    const metadata = this.metadata.get(keyOf(connection)) ?? (await this.discover(issuer, clientId));
    this.metadata.set(keyOf(connection), metadata);
    const configuration = new client.Configuration(
      metadata,
      clientId,
      { [client.clockTolerance]: clockTolerance },
      auth,
    );
    configuration[client.customFetch] = this.fetch;
    configuration.timeout = TIMEOUT_SECONDS;
    // The outgoing HTTP policy decides which addresses may be used without TLS.
    client.allowInsecureRequests(configuration);
    // Signatures are verified although the tokens come directly from the provider.
    client.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  private async discover(issuer: string, clientId: string): Promise<client.ServerMetadata> {
    const discovered = await client
      .discovery(new URL(issuer), clientId, undefined, client.None(), {
        [client.customFetch]: this.fetch,
        timeout: TIMEOUT_SECONDS,
        execute: [client.allowInsecureRequests],
      })
      .catch((error: unknown) => {
        const refusal = oidcRefusal(error);
        throw refusal.code === ssoErrors.response_invalid().code ? ssoErrors.provider_invalid() : refusal;
      });
    const metadata = discovered.serverMetadata();
    // The library makes exceptions for some providers whose common issuers would let in users of any tenant.
    const plain = (name: string) => name.replace(/\/$/, '');
    if (plain(metadata.issuer) !== plain(issuer)) throw ssoErrors.issuer_mismatch();
    // Providers that sign user info do not always announce with what.
    const { id_token_signing_alg_values_supported: algorithms = ['RS256'] } = metadata;
    const known: client.ServerMetadata = { ...metadata };
    return known.userinfo_signing_alg_values_supported
      ? known
      : { ...known, userinfo_signing_alg_values_supported: algorithms.filter((one) => !/^(?:HS|none)/i.test(one)) };
  }

  private async clientAuth(connection: UsableConnection): Promise<client.ClientAuth> {
    const method = settingsOf(connection).tokenEndpointAuthMethod;
    if (method === 'none') return client.None();
    if (method === 'private_key_jwt') {
      const { kid, privateKey } = this.keys.current();
      const key = await webcrypto.subtle.importKey(
        'pkcs8',
        privateKey.export({ format: 'der', type: 'pkcs8' }),
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      return client.PrivateKeyJwt({ key: key as CryptoKey, kid });
    }
    const location = connectionSecretOf(connection.organizationId, connection.id);
    const secret = this.secrets.decrypt(CLIENT_SECRET_PURPOSE, location, connection.secret ?? '');
    return method === 'client_secret_post' ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
  }

  private readonly fetch: client.CustomFetch = (url, options) => this.outgoing.fetch(url, options);
}

const keyOf = ({ id, version }: UsableConnection): string => `${id} ${version}`;

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw oidcRefusal(error);
  }
}

/**
 * Checks the hash that ties another part of the response to the ID token (OpenID Connect Core 3.1.3.6). The library
 * checks it only in other flows.
 */
function assertHash(hash: unknown, value: string | null, idToken: string | undefined): void {
  if (hash === undefined || value === null) return;
  const header = JSON.parse(Buffer.from(idToken?.split('.')[0] ?? '', 'base64url').toString()) as { alg?: string };
  const bits = /(?:256|384|512)$/.exec(header.alg ?? '')?.[0] ?? '512';
  const digest = createHash(`sha${bits}`).update(value).digest();
  const expected = Buffer.from(digest.subarray(0, digest.length / 2).toString('base64url'));
  const given = Buffer.from(typeof hash === 'string' ? hash : '');
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) throw ssoErrors.hash_mismatch();
}
