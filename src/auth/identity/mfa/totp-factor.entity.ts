import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** An authenticator app of a person. */
@Entity('totp_factors')
@ForeignKey('User', ['userId'], ['id'])
export class TotpFactor {
  @PrimaryIdColumn()
  userId: string;

  /** Base32, encrypted with a key from SECRET_KEY. */
  @TextColumn()
  secret: string;

  /** Null until a code of the app has been shown: before that it is no factor. */
  @TimestampColumn({ nullable: true })
  confirmedAt: Date | null;

  /** The newest time step whose code was used: that one and those before it are worth nothing any more. */
  @Column({ type: 'bigint', default: 0 })
  lastStep: string;

  @CreatedAtColumn()
  createdAt: Date;
}
