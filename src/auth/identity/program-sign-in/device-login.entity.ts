import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

export type DeviceLoginState = 'pending' | 'approved' | 'denied' | 'used';

/** A program that waits until a signed-in user lets it in (RFC 8628). Only hashes of its codes are stored. */
@Entity('device_logins')
@ForeignKey('Operator', ['operatorId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('device_logins_user_code_hash_idx', ['operatorId', 'userCodeHash'], { unique: true })
@Index('device_logins_user_id_idx', ['userId'])
@Index('device_logins_expires_at_idx', ['expiresAt'])
@Check('device_logins_state_check', "state in ('pending', 'approved', 'denied', 'used')")
@Check(
  'device_logins_approved_check',
  "state in ('pending', 'denied') or (user_id is not null and session_id is not null)",
)
export class DeviceLogin {
  @PrimaryColumn({ type: 'text' })
  deviceCodeHash: string;

  /** Keyed with SECRET_KEY, because a user code is short. */
  @TextColumn()
  userCodeHash: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  clientName: string;

  @TextColumn({ nullable: true })
  ip: string | null;

  @TextColumn({ nullable: true })
  userAgent: string | null;

  @Column({ type: 'text', default: 'pending' })
  state: DeviceLoginState;

  /** Who approved or denied it. */
  @IdColumn({ nullable: true })
  userId: string | null;

  /** The session that approved it. The new session is as wide as this one. */
  @IdColumn({ nullable: true })
  sessionId: string | null;

  /** The organization that the program is to enter. Whether the user can enter it is checked then. */
  @IdColumn({ nullable: true })
  destinationId: string | null;

  /** Seconds that the program must wait between two polls. */
  @Column({ type: 'integer', default: 5 })
  pollSeconds: number;

  @TimestampColumn({ nullable: true })
  polledAt: Date | null;

  @TimestampColumn()
  expiresAt: Date;

  @CreatedAtColumn()
  createdAt: Date;
}
