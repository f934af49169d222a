import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn } from '../../../database/index.js';

/** What an identity provider said when a session began. It counts in the provider's own organization alone. */
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
}
