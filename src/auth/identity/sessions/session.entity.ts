import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';
import type { SignInMethod } from '../../../settings/index.js';
import type { Factor } from '../../access/index.js';

/** One sign-in on one device: the family of the refresh tokens that follow each other from it. */
@Entity('sessions')
@ForeignKey('Operator', ['operatorId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('sessions_user_id_idx', ['userId'])
@Index('sessions_expires_at_idx', ['expiresAt'])
export class Session {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @IdColumn()
  userId: string;

  @TextColumn({ nullable: true })
  ip: string | null;

  @TextColumn({ nullable: true })
  userAgent: string | null;

  /** How it was opened. */
  @Column({ type: 'text', default: 'password' })
  method: SignInMethod;

  /** What was shown beside that, then or later. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  factors: Factor[];

  /** The organization whose identity provider spoke for its person; it may be gone by now. */
  @IdColumn({ nullable: true })
  ssoOrganizationId: string | null;

  /** When its person last showed who he is. */
  @Column({ type: 'timestamp with time zone', precision: 3, default: () => 'now()' })
  provedAt: Date;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  lastUsedAt: Date;

  @TimestampColumn()
  expiresAt: Date;

  @TimestampColumn({ nullable: true })
  endedAt: Date | null;

  @TextColumn({ nullable: true })
  endReason: string | null;
}

/** Each can be used once; the organization it is for is kept here and never on the session. */
@Entity('refresh_tokens')
@ForeignKey('Session', ['sessionId'], ['id'], { onDelete: 'CASCADE' })
@Index('refresh_tokens_session_id_idx', ['sessionId'])
@Index('refresh_tokens_organization_id_idx', ['organizationId'], { where: 'organization_id is not null' })
export class RefreshToken {
  @PrimaryColumn({ type: 'text' })
  tokenHash: string;

  @IdColumn()
  sessionId: string;

  @IdColumn({ nullable: true })
  organizationId: string | null;

  /** Whom the access tokens are for; null: Trellis itself. */
  @TextColumn({ nullable: true })
  audience: string | null;

  @TimestampColumn()
  expiresAt: Date;

  @TimestampColumn({ nullable: true })
  usedAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;
}
