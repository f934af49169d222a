import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type CiphertextLocation, SecretBox } from '../../../common/crypto/index.js';
import { columnsOf, Database, type Tx } from '../../../database/index.js';
import { newId } from '../../../common/ids/index.js';
import { MAX_ACCESS_TOKEN_SECONDS } from './access-token.js';
import { SigningKey } from './signing-key.entity.js';

export interface LoadedKey {
  kid: string;
  publicJwk: JsonWebKey;
  publicKey: KeyObject;
  privateKey: KeyObject;
  signsFrom: Date;
}

const PURPOSE = 'signing-key';
const privateKeyOf = (kid: string): CiphertextLocation => ({
  table: 'signing_keys',
  column: 'private_key',
  row: [kid],
});
/** Maximum age of the copy in memory. A key created elsewhere is known here before it signs. */
const RELOAD_MS = 30_000;
/** Tokens with unknown keys cause at most one database read in this time. */
const UNKNOWN_KEY_RELOAD_MS = 1_000;
/** How long services may cache the key set. */
export const KEY_SET_SECONDS = 5 * 60;
/** How long a new key is published before it signs. Longer than services cache the key set. */
export const PUBLISH_SECONDS = 15 * 60;
const MARGIN_SECONDS = 5 * 60;
const MAX_AGE_DAYS = 90;

/**
 * Holds the RS256 keys of the deployment. They are in the database, with the private part encrypted with SECRET_KEY. A
 * copy in memory is refreshed in the background, so that neither signing nor verifying waits for the database.
 */
@Injectable()
export class SigningKeyService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('SigningKeyService');
  private keys: LoadedKey[] = [];
  private loadedAt = -Infinity;
  private loading: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly secrets: SecretBox,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.load();
    this.timer = setInterval(() => {
      this.load().catch((error: unknown) => this.log.warn(`the signing keys could not be read: ${String(error)}`));
    }, RELOAD_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Returns the newest key that may already sign, or the oldest key if this clock is behind the database's. */
  current(): LoadedKey {
    const now = Date.now();
    const key = this.keys.find(({ signsFrom }) => signsFrom.getTime() <= now) ?? this.keys.at(-1);
    if (!key) throw new Error('there is no signing key');
    return key;
  }

  /** Reads the database if the key is unknown here. */
  async find(kid: string): Promise<LoadedKey | null> {
    const known = () => this.keys.find((key) => key.kid === kid) ?? null;
    if (!known() && performance.now() - this.loadedAt > UNKNOWN_KEY_RELOAD_MS) await this.load();
    return known();
  }

  /** Returns the key set (RFC 7517), including keys that will sign soon and those whose tokens are still valid. */
  jwks(): { keys: JsonWebKey[] } {
    return { keys: this.keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, use: 'sig', alg: 'RS256' })) };
  }

  /** Creates the first key of a new deployment, under the lock of the start. */
  async ensureFirst(tx: Tx): Promise<void> {
    if (!(await tx.existsBy(SigningKey, {}))) await this.insert(tx, 0);
  }

  /**
   * Adds a key that signs after `publishSeconds` and returns its `kid`. Earlier keys stay published until their last
   * token has expired.
   */
  async rotate(tx: Tx, publishSeconds = PUBLISH_SECONDS): Promise<string> {
    await this.retire(tx, publishSeconds, 0);
    await tx.execute('delete from signing_keys where expires_at < now()');
    return this.insert(tx, publishSeconds);
  }

  /** Rotates the key when it is old enough. Of several servers, one does it. */
  async rotateWhenOld(tx: Tx): Promise<void> {
    if (await this.retire(tx, PUBLISH_SECONDS, MAX_AGE_DAYS)) await this.insert(tx, PUBLISH_SECONDS);
  }

  /** Sets the expiry of keys that have none and are old enough. Returns false if there are none. */
  private async retire(tx: Tx, publishSeconds: number, minAgeDays: number): Promise<boolean> {
    const lastUse = publishSeconds + MAX_ACCESS_TOKEN_SECONDS + MARGIN_SECONDS;
    const retired = await tx.execute(
      `update signing_keys set expires_at = now() + make_interval(secs => $1)
       where expires_at is null and created_at <= now() - make_interval(days => $2)`,
      [lastUse, minAgeDays],
    );
    return retired > 0;
  }

  private async insert(tx: Tx, publishSeconds: number): Promise<string> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const kid = newId();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await tx.execute(
      `insert into signing_keys (kid, public_jwk, private_key, signs_from) values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [
        kid,
        JSON.stringify(publicKey.export({ format: 'jwk' })),
        this.secrets.encrypt(PURPOSE, privateKeyOf(kid), pem),
        publishSeconds,
      ],
    );
    return kid;
  }

  /** Concurrent callers share one read. */
  private load(): Promise<void> {
    this.loading ??= this.read().finally(() => (this.loading = undefined));
    return this.loading;
  }

  private async read(): Promise<void> {
    const { reader } = this.db;
    const rows = await reader.rows<SigningKey>(
      `select ${columnsOf(reader, SigningKey, 'k')} from signing_keys k
       where k.expires_at is null or k.expires_at > now() order by k.created_at desc`,
    );
    const known = new Map(this.keys.map((key) => [key.kid, key]));
    this.keys = rows.map((row) => known.get(row.kid) ?? this.open(row));
    this.loadedAt = performance.now();
  }

  private open({ kid, publicJwk, privateKey, signsFrom }: SigningKey): LoadedKey {
    return {
      kid,
      publicJwk,
      signsFrom,
      publicKey: createPublicKey({ key: publicJwk, format: 'jwk' }),
      privateKey: createPrivateKey(this.secrets.decrypt(PURPOSE, privateKeyOf(kid), privateKey)),
    };
  }
}
