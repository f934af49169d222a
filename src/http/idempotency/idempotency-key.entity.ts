import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn } from '../../database/index.js';

/** A key sent with a POST, and its response. The status is null as long as the response is unknown. */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_at_idx', ['createdAt'])
@Index('idempotency_keys_organization_id_idx', ['organizationId'], { where: 'organization_id is not null' })
export class IdempotencyKey {
  /** The user or API key. */
  @PrimaryIdColumn()
  callerId: string;

  @PrimaryColumn({ type: 'text' })
  key: string;

  /** SHA-256 (hex) of method, path and body. */
  @TextColumn()
  requestHash: string;

  @Column({ type: 'smallint', nullable: true })
  status: number | null;

  /** The encrypted response, which may contain secrets that are shown only once. */
  @TextColumn({ nullable: true })
  body: string | null;

  /** The organization in the path of the request. */
  @IdColumn({ nullable: true })
  organizationId: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
