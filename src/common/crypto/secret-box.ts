import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** Names the column and the row that hold a ciphertext. `row` is the primary key. */
export interface CiphertextLocation {
  table: string;
  column: string;
  row: readonly string[];
}

const toAssociatedData = ({ table, column, row }: CiphertextLocation): Buffer =>
  Buffer.from(JSON.stringify([table, column, ...row]));

/**
 * Encrypts data at rest (AES-256-GCM) and signs text with keys derived from SECRET_KEY. Each purpose has its own key, so a
 * value for one purpose is invalid for another.
 */
export class SecretBox {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly secretKey: string) {}

  private keyFor(purpose: string): Buffer {
    let key = this.keys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.secretKey, 'trellis', purpose, 32));
      this.keys.set(purpose, key);
    }
    return key;
  }

  /**
   * Returns `v2.<nonce>.<ciphertext and tag>` in base64url. The location is associated data, so a ciphertext that is copied
   * to another row or column cannot be decrypted there.
   */
  encrypt(purpose: string, location: CiphertextLocation, plaintext: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.keyFor(`encrypt:${purpose}`), nonce);
    cipher.setAAD(toAssociatedData(location));
    const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v2.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
  }

  /** Decrypts. Throws when the text belongs to another key, purpose or location, or was changed. */
  decrypt(purpose: string, location: CiphertextLocation, text: string): string {
    return this.open('v2', purpose, toAssociatedData(location), text);
  }

  /** Decrypts a text that is not bound to a location, as versions before the first release wrote them. */
  decryptUnbound(purpose: string, text: string): string {
    return this.open('v1', purpose, Buffer.alloc(0), text);
  }

  private open(expectedVersion: string, purpose: string, associatedData: Buffer, text: string): string {
    const [version, nonce, sealed] = text.split('.');
    if (version !== expectedVersion || !nonce || !sealed) throw new Error('not an encrypted value');
    const bytes = Buffer.from(sealed, 'base64url');
    const key = this.keyFor(`encrypt:${purpose}`);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
  }

  /** Returns a keyed hash in base64url. */
  sign(purpose: string, text: string): string {
    return createHmac('sha256', this.keyFor(`sign:${purpose}`))
      .update(text)
      .digest('base64url');
  }

  verify(purpose: string, text: string, signature: string): boolean {
    const expected = Buffer.from(this.sign(purpose, text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

/** Creates 256 random bits in base64url, after a prefix that secret scanners recognize. */
export const newSecret = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`;

/** Hashes a random secret for storage. Plain SHA-256 is enough for 256 random bits. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
