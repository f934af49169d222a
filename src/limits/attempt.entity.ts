import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Counts attempts at one thing within a time window. */
@Entity('attempts')
@Index('attempts_expire_idx', ['expire'])
export class Attempt {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  key: string;

  @Column({ type: 'integer', default: 0 })
  points: number;

  /** When the window ends, in milliseconds since 1970. */
  @Column({ type: 'bigint', nullable: true })
  expire: string | null;

  /**
   * Consecutive earlier windows that were used up, each at most a day before the next. Each doubles the next window.
   */
  @Column({ type: 'smallint', default: 0 })
  exhausted: number;
}
