import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Tries at one thing within a window of time. */
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

  /** Windows before this one that were used up, none more than a day before the next: each doubles what follows. */
  @Column({ type: 'smallint', default: 0 })
  exhausted: number;
}
