import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../common/crypto/index.js';
import { Database, type Tx } from '../../common/database/index.js';
import { newId } from '../../common/ids/index.js';
import { ACCESS_TOKEN_SECONDS } from './access-token.js';
import { SigningKey } from './signing-key.entity.js';

export interface LoadedKey {
  kid: string;
  publicJwk: JsonWebKey;
  publicKey: KeyObject;
  privateKey: KeyObject;
  signsFrom: Date;
}

const PURPOSE = 'signing-key';
/** How old the copy in memory may get: a key made elsewhere is known here before it signs. */
const RELOAD_MS = 30_000;
/** A token with an unknown key causes at most one look into the database in this time. */
const UNKNOWN_KEY_RELOAD_MS = 1_000;
/** How long a new key is published before it signs; services keep the key set about this long. */
export const PUBLISH_SECONDS = 15 * 60;
const MARGIN_SECONDS = 5 * 60;

/** The RS256 keys of the deployment: in the database, the private part encrypted with SECRET_KEY. */
@Injectable()
export class SigningKeys {
  private keys: LoadedKey[] = [];
  private loadedAt = 0;

  constructor(
    private readonly db: Database,
    private readonly secrets: SecretBox,
  ) {}

  /** The newest key whose time to sign has come. */
  async current(): Promise<LoadedKey> {
    await this.load(RELOAD_MS);
    const now = Date.now();
    const key = this.keys.find(({ signsFrom }) => signsFrom.getTime() <= now);
    if (!key) throw new Error('there is no signing key');
    return key;
  }

  async find(kid: string): Promise<LoadedKey | null> {
    await this.load(RELOAD_MS);
    const known = () => this.keys.find((key) => key.kid === kid) ?? null;
    if (!known()) await this.load(UNKNOWN_KEY_RELOAD_MS);
    return known();
  }

  /** The key set (RFC 7517): also keys that will sign soon, and those whose tokens are still about. */
  async jwks(): Promise<{ keys: JsonWebKey[] }> {
    await this.load(RELOAD_MS);
    return { keys: this.keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, use: 'sig', alg: 'RS256' })) };
  }

  /** Makes the first key of a new deployment; called under the start's lock. */
  async ensureFirst(tx: Tx): Promise<void> {
    if (!(await tx.existsBy(SigningKey, {}))) await this.insert(tx, 0);
  }

  /**
   * Adds a key that signs from `publishSeconds` on; the ones before it stay published until their last token has expired.
   * Returns its `kid`.
   */
  async rotate(tx: Tx, publishSeconds = PUBLISH_SECONDS): Promise<string> {
    const lastUse = publishSeconds + ACCESS_TOKEN_SECONDS + MARGIN_SECONDS;
    await tx.query(`update signing_keys set expires_at = now() + make_interval(secs => $1) where expires_at is null`, [lastUse]);
    await tx.query('delete from signing_keys where expires_at < now()');
    return this.insert(tx, publishSeconds);
  }

  private async insert(tx: Tx, publishSeconds: number): Promise<string> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    const kid = newId();
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await tx.query(
      `insert into signing_keys (kid, public_jwk, private_key, signs_from) values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [kid, JSON.stringify(publicKey.export({ format: 'jwk' })), this.secrets.encrypt(PURPOSE, pem), publishSeconds],
    );
    return kid;
  }

  private async load(maxAgeMs: number): Promise<void> {
    if (Date.now() - this.loadedAt < maxAgeMs) return;
    const rows = await this.db.reader
      .createQueryBuilder(SigningKey, 'key')
      .where('key.expiresAt is null or key.expiresAt > now()')
      .orderBy('key.signsFrom', 'DESC')
      .getMany();
    const known = new Map(this.keys.map((key) => [key.kid, key]));
    this.keys = rows.map((row) => known.get(row.kid) ?? this.open(row));
    this.loadedAt = Date.now();
  }

  private open({ kid, publicJwk, privateKey, signsFrom }: SigningKey): LoadedKey {
    return {
      kid,
      publicJwk,
      signsFrom,
      publicKey: createPublicKey({ key: publicJwk, format: 'jwk' }),
      privateKey: createPrivateKey(this.secrets.decrypt(PURPOSE, privateKey)),
    };
  }
}
