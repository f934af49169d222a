import { Check, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** A wish for another address, one a person at most: it comes true when both addresses have confirmed it. */
@Entity('email_changes')
@ForeignKey('User', ['userId'], ['id'])
@Check('email_changes_new_email_check', 'new_email = lower(new_email)')
export class EmailChange {
  @PrimaryIdColumn()
  userId: string;

  /** Told apart from the one it replaced: a link belongs to one of them. */
  @IdColumn()
  id: string;

  @TextColumn()
  newEmail: string;

  /** The sign-in it was asked from: it outlives the change. */
  @IdColumn()
  sessionId: string;

  @TimestampColumn({ nullable: true })
  currentConfirmedAt: Date | null;

  @TimestampColumn({ nullable: true })
  newConfirmedAt: Date | null;

  @TimestampColumn()
  expiresAt: Date;

  @CreatedAtColumn()
  createdAt: Date;
}
