import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Counters of rate-limiter-flexible: columns and types are the library's. */
@Entity('attempts')
@Index('attempts_expire_idx', ['expire'])
export class Attempt {
  @PrimaryColumn({ type: 'varchar', length: 255 })
  key: string;

  @Column({ type: 'integer', default: 0 })
  points: number;

  @Column({ type: 'bigint', nullable: true })
  expire: string | null;
}
