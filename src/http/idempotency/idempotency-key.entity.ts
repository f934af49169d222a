import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn } from '../../database/index.js';

/** A key sent with a POST, and its response. The status is null as long as the response is unknown. */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_at_idx', ['createdAt'])
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

  @CreatedAtColumn()
  createdAt: Date;
}
