import type { JsonWebKey } from 'node:crypto';
import { Entity, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, JsonColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

@Entity('signing_keys')
export class SigningKey {
  @PrimaryColumn({ type: 'text' })
  kid: string;

  @JsonColumn()
  publicJwk: JsonWebKey;

  /** PKCS #8 PEM, encrypted with a key from SECRET_KEY. */
  @TextColumn()
  privateKey: string;

  /** When the key starts to sign. It is published earlier, so that services have fetched it by then. */
  @TimestampColumn()
  signsFrom: Date;

  /** When the key is no longer published, because every token it signed has expired. */
  @TimestampColumn({ nullable: true })
  expiresAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;
}
