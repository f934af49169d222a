import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TextColumn } from '../../../database/index.js';

/** Claims of the identity provider when a session began. They count only in the provider's own organization. */
@Entity('session_claims')
@ForeignKey('Session', ['sessionId'], ['id'], { onDelete: 'CASCADE' })
@Index('session_claims_organization_id_idx', ['organizationId', 'connectionId'])
export class SessionClaims {
  @PrimaryIdColumn()
  sessionId: string;

  @IdColumn()
  organizationId: string;

  @IdColumn()
  connectionId: string;

  @JsonColumn()
  claims: Record<string, unknown>;

  /** What the provider calls its own session: `sid` or the SessionIndex. */
  @TextColumn({ nullable: true })
  providerSession: string | null;
}
