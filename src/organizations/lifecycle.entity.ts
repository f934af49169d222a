import { CreatedAtColumn, IdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../database/index.js';

/**
 * Columns shared by organizations and units. The state follows from three instants: deletion hides suspension, and
 * restoring brings back the previous state. `purgeStartedAt` is the point of no return.
 */
export abstract class LifecycleColumns {
  @TextColumn()
  slug: string;

  @TextColumn()
  name: string;

  @TextColumn({ nullable: true })
  description: string | null;

  @TextColumn({ nullable: true })
  externalId: string | null;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  suspendedAt: Date | null;

  @TimestampColumn({ nullable: true })
  deletedAt: Date | null;

  @IdColumn({ nullable: true })
  deletedBy: string | null;

  @TimestampColumn({ nullable: true })
  purgeStartedAt: Date | null;

  @RowVersionColumn()
  version: number;
}
