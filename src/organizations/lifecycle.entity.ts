import { CreatedAtColumn, IdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../database/index.js';

/**
 * What organizations and units have in common. The state follows from three instants: being deleted hides being suspended,
 * and restoring brings back exactly what was. `purgeStartedAt` is the point of no return.
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
