import { Entity, ForeignKey } from 'typeorm';
import { PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

@Entity('passwords')
@ForeignKey('User', ['userId'], ['id'])
export class Password {
  @PrimaryIdColumn()
  userId: string;

  /** argon2id, in the PHC string format. */
  @TextColumn()
  hash: string;

  @TimestampColumn()
  changedAt: Date;
}
