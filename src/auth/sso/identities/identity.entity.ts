import { Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** An identity of a user at an organization's identity provider, linked to an account. */
@Entity('sso_identities')
@ForeignKey('SsoConnection', ['organizationId', 'connectionId'], ['organizationId', 'id'], { onDelete: 'CASCADE' })
@ForeignKey('User', ['userId'], ['id'])
@Unique('sso_identities_id_key', ['organizationId', 'id'])
@Index('sso_identities_user_id_idx', ['userId'])
export class SsoIdentity {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  connectionId: string;

  /** The provider's permanent id of the user: `sub` or the NameID. */
  @PrimaryColumn({ type: 'text' })
  subject: string;

  @IdColumn()
  id: string;

  @IdColumn()
  userId: string;

  /** Whether the user linked it while signed in, or an address in a domain of the organization did. */
  @TextColumn()
  linkedBy: 'domain' | 'person';

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
