import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { TextColumn, TimestampColumn } from '../database/index.js';

/** An organization, or something that belongs to one, for which a job failed. It is tried again at `retryAt`. */
@Entity('job_failures')
@Index('job_failures_retry_at_idx', ['retryAt'])
export class JobFailure {
  @PrimaryColumn({ type: 'text' })
  job: string;

  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ type: 'integer', default: 1 })
  failures: number;

  @TextColumn()
  error: string;

  @TimestampColumn()
  retryAt: Date;
}
