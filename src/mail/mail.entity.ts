import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../common/database/index.js';

/** A mail that is to be sent; written with the change that causes it and removed once a mail server took it. */
@Entity('mails')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('mails_next_attempt_at_idx', ['nextAttemptAt'])
export class Mail {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  /** A `NewMail`, encrypted: it holds links that let somebody in. */
  @TextColumn()
  content: string;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  @TimestampColumn()
  nextAttemptAt: Date;

  @TextColumn({ nullable: true })
  lastError: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
