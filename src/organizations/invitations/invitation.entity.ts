import { Check, Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

export const INVITATION_STATES = ['pending', 'accepted', 'declined', 'revoked'] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

/** That one is expired follows from `expiresAt` and is never stored. */
@Entity('organization_invitations')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_invitations_token_hash_key', ['organizationId', 'tokenHash'])
@Index('organization_invitations_pending_key', ['organizationId', 'email'], {
  unique: true,
  where: "state = 'pending'",
})
@Index('organization_invitations_token_hash_idx', ['tokenHash'])
@Index('organization_invitations_email_idx', ['email'])
// By parts of the address, with trigrams: no entity can say that.
@Index('organization_invitations_search_idx', { synchronize: false })
@Index('organization_invitations_state_idx', ['organizationId', 'state', 'createdAt', 'id'])
@Index('organization_invitations_expires_at_idx', ['organizationId', 'expiresAt', 'id'])
@Index('organization_invitations_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('organization_invitations_invited_by_idx', ['organizationId', 'invitedBy'], { where: "state = 'pending'" })
@Check('organization_invitations_role_check', "role in ('user', 'manager', 'admin')")
@Check('organization_invitations_state_check', "state in ('pending', 'accepted', 'declined', 'revoked')")
@Check('organization_invitations_email_check', 'email = lower(email)')
export class Invitation {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  email: string;

  @TextColumn()
  role: Role;

  /** As a member's `roleIds`. */
  @Column({ type: 'text', array: true, default: '{}' })
  roleIds: string[];

  /** Units that were there when the invitation was made; those that still are at its acceptance are joined. */
  @Column({ type: 'uuid', array: true })
  unitIds: string[];

  @TextColumn({ nullable: true })
  message: string | null;

  @TextColumn()
  state: InvitationState;

  /** How long it is valid from each mail on. */
  @Column({ type: 'integer' })
  ttlSeconds: number;

  @TimestampColumn()
  expiresAt: Date;

  /** SHA-256 of the token in the newest mail. */
  @Column({ type: 'text', select: false })
  tokenHash: string;

  /** The person or the API key that sent the newest mail: must still be allowed to when it is accepted. */
  @IdColumn()
  invitedBy: string;

  @IdColumn({ nullable: true })
  acceptedBy: string | null;

  /** When mails went out, of the last hour: what a recipient gets is limited. */
  @Column({ type: 'timestamp with time zone', array: true, select: false })
  mailedAt: Date[];

  @CreatedAtColumn()
  createdAt: Date;

  /** When it was accepted, declined or revoked. */
  @TimestampColumn({ nullable: true })
  decidedAt: Date | null;

  @RowVersionColumn()
  version: number;
}
