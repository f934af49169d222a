import { Check, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/**
 * A requested change of email address, at most one per user. The change is made when both addresses have confirmed it.
 */
@Entity('email_changes')
@ForeignKey('User', ['userId'], ['id'])
@Check('email_changes_new_email_check', 'new_email = lower(new_email)')
export class EmailChange {
  @PrimaryIdColumn()
  userId: string;

  /** Identifies this request, so that links of a replaced request do not confirm it. */
  @IdColumn()
  id: string;

  @TextColumn()
  newEmail: string;

  /** The session that requested the change, which stays signed in after it. Null if a directory proposed the change. */
  @IdColumn({ nullable: true })
  sessionId: string | null;

  @TimestampColumn({ nullable: true })
  currentConfirmedAt: Date | null;

  @TimestampColumn({ nullable: true })
  newConfirmedAt: Date | null;

  @TimestampColumn()
  expiresAt: Date;

  @CreatedAtColumn()
  createdAt: Date;
}
