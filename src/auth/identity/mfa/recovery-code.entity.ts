import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn, TimestampColumn } from '../../../database/index.js';

/** Replaces a lost second factor, once. */
@Entity('recovery_codes')
@ForeignKey('User', ['userId'], ['id'])
export class RecoveryCode {
  @PrimaryIdColumn()
  userId: string;

  /** Hashed with a key from SECRET_KEY, because a code is too short for a plain hash. */
  @PrimaryColumn({ type: 'text' })
  codeHash: string;

  @TimestampColumn({ nullable: true })
  usedAt: Date | null;
}
