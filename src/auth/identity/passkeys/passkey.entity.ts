import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** A WebAuthn credential of a person. */
@Entity('passkeys')
@ForeignKey('User', ['userId'], ['id'])
@Unique('passkeys_credential_id_key', ['credentialId'])
@Index('passkeys_user_id_idx', ['userId'])
export class Passkey {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  userId: string;

  @TextColumn()
  name: string;

  /** Base64url, as the authenticator made it. */
  @TextColumn()
  credentialId: string;

  /** COSE. */
  @Column({ type: 'bytea' })
  publicKey: Buffer;

  /** What the authenticator counted last; 0 where it does not count. */
  @Column({ type: 'bigint', default: 0 })
  counter: string;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  transports: string[];

  /** It can be on several devices, copied by their maker's service. */
  @Column({ type: 'boolean' })
  synced: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
