import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';
import type { SignInMethod } from '../../../settings/index.js';
import type { Factor } from '../../access/index.js';

/** One sign-in on one device, with the chain of its refresh tokens. */
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

  @Column({ type: 'text', default: 'password' })
  method: SignInMethod;

  /** Further factors that were proved, at the sign-in or later. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  factors: Factor[];

  /** The organization whose identity provider signed the user in. It may no longer exist. */
  @IdColumn({ nullable: true })
  ssoOrganizationId: string | null;

  /** The method by which the user proved who they are to this server, if an identity provider opened the session. */
  @TextColumn({ nullable: true })
  ownMethod: SignInMethod | null;

  /** When the identity provider last authenticated the user, as far as it says so. Only counts in its organization. */
  @TimestampColumn({ nullable: true })
  ssoProvedAt: Date | null;

  /** The session in which the user let in the program that has this one. It may no longer exist. */
  @IdColumn({ nullable: true })
  grantedById: string | null;

  /** When the user signed in. The session of a program has the time of the session that let it in. */
  @Column({ type: 'timestamp with time zone', precision: 3, default: () => 'now()' })
  signedInAt: Date;

  /** When the user last confirmed their identity. */
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

/** A refresh token, which can be used once. It belongs to an organization. The session does not. */
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

  /** The audience of the access tokens. Null: Trellis itself. */
  @TextColumn({ nullable: true })
  audience: string | null;

  @TimestampColumn()
  expiresAt: Date;

  @TimestampColumn({ nullable: true })
  usedAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;
}
