import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn, TimestampColumn } from '../../../database/index.js';

/** Stands in once for a second factor that was lost. */
@Entity('recovery_codes')
@ForeignKey('User', ['userId'], ['id'])
export class RecoveryCode {
  @PrimaryIdColumn()
  userId: string;

  /** Hashed with a key from SECRET_KEY: a code is shorter than what a plain hash could hide. */
  @PrimaryColumn({ type: 'text' })
  codeHash: string;

  @TimestampColumn({ nullable: true })
  usedAt: Date | null;
}
