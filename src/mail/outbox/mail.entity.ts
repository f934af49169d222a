import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** A mail that waits to be sent. It is removed once the mail server accepted it. */
@Entity('mails')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('mails_next_attempt_at_idx', ['nextAttemptAt'])
export class Mail {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  /** An encrypted `NewMail`: its link may grant access. */
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
