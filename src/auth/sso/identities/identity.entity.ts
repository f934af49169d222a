import { Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** Who somebody is at an identity provider of an organization, and whose account that is. */
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

  /** As the provider names him for ever: `sub`, or the name identifier. */
  @PrimaryColumn({ type: 'text' })
  subject: string;

  @IdColumn()
  id: string;

  @IdColumn()
  userId: string;

  /** Linked by the person while signed in, and not by an address in a domain of the organization. */
  @TextColumn()
  linkedBy: 'domain' | 'person';

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
