import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, JsonColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** A token for one purpose that can be redeemed once. Only its hash is stored. */
@Entity('one_time_tokens')
@ForeignKey('Operator', ['operatorId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('one_time_tokens_email_idx', ['operatorId', 'email', 'purpose'])
@Index('one_time_tokens_user_id_idx', ['userId'])
@Index('one_time_tokens_expires_at_idx', ['expiresAt'])
export class OneTimeToken {
  @PrimaryColumn({ type: 'text' })
  tokenHash: string;

  @TextColumn()
  purpose: string;

  @IdColumn()
  operatorId: string;

  @IdColumn({ nullable: true })
  userId: string | null;

  @TextColumn({ nullable: true })
  email: string | null;

  @JsonColumn()
  payload: Record<string, unknown>;

  @TimestampColumn()
  expiresAt: Date;

  @TimestampColumn({ nullable: true })
  usedAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;
}
