import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** A WebAuthn credential of a user. */
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

  /** Base64url, as created by the authenticator. */
  @TextColumn()
  credentialId: string;

  /** COSE. */
  @Column({ type: 'bytea' })
  publicKey: Buffer;

  /** The authenticator's last signature counter, or 0 if it does not count. */
  @Column({ type: 'bigint', default: 0 })
  counter: string;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  transports: string[];

  /** Whether the passkey can be synchronized between devices. */
  @Column({ type: 'boolean' })
  synced: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
