import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** CBOR (RFC 8949), as much of it as authenticators write. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, n: number): Buffer => {
    if (n < 24) return Buffer.from([(major << 5) | n]);
    if (n < 256) return Buffer.from([(major << 5) | 24, n]);
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  };
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([k, v]) => [cbor(k), cbor(v as never)])]);
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

export interface Quirks {
  origin?: string;
  rpId?: string;
  verified?: boolean;
  /** Signs with another key than the registered one. */
  forged?: boolean;
  /** Does not increase the counter. */
  stuck?: boolean;
  /** Sets the counter to this value. */
  counter?: number;
  /** Omits user presence. */
  absent?: boolean;
  /** Overrides the ceremony type. */
  type?: string;
  /** Overrides the user handle. */
  userHandle?: string;
}

/** A WebAuthn authenticator in software: one ES256 key, which it keeps. */
export class Authenticator {
  readonly id = randomBytes(16);
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private counter = 0;

  constructor(
    private readonly origin: string,
    private readonly rpId = new URL(origin).hostname,
  ) {}

  /** Returns the JSON that `navigator.credentials.create` would return for the options. */
  create(options: { challenge: string }, quirks: Quirks = {}): object {
    const jwk = this.keys.publicKey.export({ format: 'jwk' });
    const cose = cbor(
      new Map<number, number | Buffer>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(jwk.x ?? '', 'base64url')],
        [-3, Buffer.from(jwk.y ?? '', 'base64url')],
      ]),
    );
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, cose]);
    const authData = Buffer.concat([this.head(ATTESTED, quirks), attested]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    return this.credential({
      clientDataJSON: this.clientData('webauthn.create', options.challenge, quirks).toString('base64url'),
      attestationObject: cbor(attestation).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Returns the JSON that `navigator.credentials.get` would return for the options. */
  get(options: { challenge: string }, quirks: Quirks = {}): object {
    this.counter = quirks.counter ?? this.counter + (quirks.stuck ? 0 : 1);
    const clientData = this.clientData('webauthn.get', options.challenge, quirks);
    const authData = this.head(0, quirks);
    const key = quirks.forged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : this.keys.privateKey;
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), key);
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: signature.toString('base64url'),
      ...(quirks.userHandle !== undefined && { userHandle: quirks.userHandle }),
    });
  }

  private head(flags: number, { rpId = this.rpId, verified = true, absent = false }: Quirks): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(this.counter);
    const all = flags | (absent ? 0 : USER_PRESENT) | (verified ? USER_VERIFIED : 0);
    return Buffer.concat([sha256(rpId), Buffer.from([all]), count]);
  }

  private clientData(type: string, challenge: string, { origin = this.origin, ...quirks }: Quirks): Buffer {
    return Buffer.from(JSON.stringify({ type: quirks.type ?? type, challenge, origin, crossOrigin: false }));
  }

  private credential(response: object): object {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}
