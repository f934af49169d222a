import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** An authenticator app of a user. */
@Entity('totp_factors')
@ForeignKey('User', ['userId'], ['id'])
export class TotpFactor {
  @PrimaryIdColumn()
  userId: string;

  /** Base32, encrypted with a key from SECRET_KEY. */
  @TextColumn()
  secret: string;

  /** Null until a code of the app was confirmed. Before that, it is not a factor. */
  @TimestampColumn({ nullable: true })
  confirmedAt: Date | null;

  /** The newest time step whose code was used. Codes of this step and earlier ones no longer work. */
  @Column({ type: 'bigint', default: 0 })
  lastStep: string;

  @CreatedAtColumn()
  createdAt: Date;
}
