import { Column } from 'typeorm';
import type { Permission, Role } from '../../common/access/index.js';
import { CreatedAtColumn, IdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** Columns of an API key, for keys of operators and of organizations. Expiry follows from `expiresAt`. */
export abstract class ApiKeyColumns {
  @TextColumn()
  name: string;

  /** The first characters: enough to tell keys apart, too few to help guessing. */
  @TextColumn()
  hint: string;

  @Column({ type: 'text', select: false })
  keyHash: string;

  @TextColumn()
  role: Role;

  /** What the key can do. Chosen when it is made. */
  @Column({ type: 'text', array: true })
  permissions: Permission[];

  @IdColumn()
  createdBy: string;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  expiresAt: Date | null;

  @TimestampColumn({ nullable: true })
  revokedAt: Date | null;

  /** Written at most once a minute. */
  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
