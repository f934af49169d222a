import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, TextColumn } from '../../database/index.js';

/** A key somebody sent with a POST, and what was answered; no status while, or if ever, the answer is not known. */
@Entity('idempotency_keys')
@Index('idempotency_keys_created_at_idx', ['createdAt'])
export class IdempotencyKey {
  /** The person or the API key. */
  @PrimaryIdColumn()
  callerId: string;

  @PrimaryColumn({ type: 'text' })
  key: string;

  /** SHA-256 (hex) over method, path and body. */
  @TextColumn()
  requestHash: string;

  @Column({ type: 'smallint', nullable: true })
  status: number | null;

  /** The answer, encrypted: it may hold what is shown only once. */
  @TextColumn({ nullable: true })
  body: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
