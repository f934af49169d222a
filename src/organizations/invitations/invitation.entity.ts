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

/** Stored states. Expiry follows from `expiresAt`. */
@Entity('organization_invitations')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_invitations_token_hash_key', ['organizationId', 'tokenHash'])
@Index('organization_invitations_pending_key', ['organizationId', 'email'], {
  unique: true,
  where: "state = 'pending'",
})
@Index('organization_invitations_token_hash_idx', ['tokenHash'])
@Index('organization_invitations_email_idx', ['email'])
// A trigram index on parts of the address exists too, which an entity cannot express.
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

  /** Like `roleIds` of a member. */
  @Column({ type: 'text', array: true, default: '{}' })
  roleIds: string[];

  /** Units to join at acceptance, as far as they still exist. */
  @Column({ type: 'uuid', array: true })
  unitIds: string[];

  @TextColumn({ nullable: true })
  message: string | null;

  @TextColumn()
  state: InvitationState;

  /** Validity from the newest mail on. */
  @Column({ type: 'integer' })
  ttlSeconds: number;

  @TimestampColumn()
  expiresAt: Date;

  /** SHA-256 of the token in the newest mail. */
  @Column({ type: 'text', select: false })
  tokenHash: string;

  /** The user or API key that sent the newest mail. They must still be allowed to invite when it is accepted. */
  @IdColumn()
  invitedBy: string;

  @IdColumn({ nullable: true })
  acceptedBy: string | null;

  /** Times of mails in the last hour, to limit what a recipient gets. */
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
