import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../database/index.js';

/** Remembers how far the sample data of an operator is loaded, so that another server or the next start goes on. */
@Entity('sample_data_loads')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class SampleDataLoad {
  @PrimaryIdColumn()
  operatorId: string;

  /** The hash of the password of all sample members. */
  @TextColumn()
  passwordHash: string;

  /** How many organizations there will be. */
  @Column({ type: 'integer' })
  total: number;

  /** The complete organizations, in their order. */
  @Column({ type: 'uuid', array: true, default: '{}' })
  loadedIds: string[];

  /** The organization that was created last, until it is complete. */
  @IdColumn({ nullable: true })
  currentId: string | null;

  /** Why loading stopped. */
  @TextColumn({ nullable: true })
  failure: string | null;

  /** The server that loads. It loses its turn when it does not prolong this time. */
  @IdColumn({ nullable: true })
  loaderId: string | null;

  @TimestampColumn({ nullable: true })
  leasedUntil: Date | null;

  @TimestampColumn({ nullable: true })
  finishedAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;
}
