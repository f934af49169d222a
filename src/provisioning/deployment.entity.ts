import { Check, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, TextColumn } from '../database/index.js';

/** One row: which SECRET_KEY this database belongs to, found out before anything is decrypted with another. */
@Entity('deployment')
@Check('deployment_one_row_check', 'id = 1')
export class Deployment {
  @PrimaryColumn({ type: 'integer' })
  id: number;

  @TextColumn()
  secretFingerprint: string;

  @CreatedAtColumn()
  createdAt: Date;
}
