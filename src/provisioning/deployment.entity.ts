import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, TextColumn } from '../database/index.js';

/** Single row that identifies the SECRET_KEY of this database. It is checked before anything is decrypted. */
@Entity('deployment')
@Check('deployment_one_row_check', 'id = 1')
export class Deployment {
  @PrimaryColumn({ type: 'integer' })
  id: number;

  @TextColumn()
  secretFingerprint: string;

  /** True once every ciphertext is bound to its row. */
  @Column({ type: 'boolean', default: false })
  ciphertextsBound: boolean;

  /** True once it is signed from where on each stream of the audit log is signed. */
  @Column({ type: 'boolean', default: false })
  eventsSigned: boolean;

  @CreatedAtColumn()
  createdAt: Date;
}
