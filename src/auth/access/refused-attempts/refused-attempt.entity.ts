import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn } from '../../../database/index.js';

export type RefusedAttemptKind = 'sign_in.failed' | 'session.step_up_failed' | 'api_key.refused';

/** Counts refused attempts of one kind in one window, until its event is written. */
@Entity('refused_attempts')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class RefusedAttempts {
  @PrimaryIdColumn()
  operatorId: string;

  @Column({ type: 'text', primary: true })
  kind: RefusedAttemptKind;

  /** The user or API key. The operator itself for attempts at accounts that do not exist. */
  @PrimaryIdColumn()
  subjectId: string;

  @Column({ type: 'integer', default: 1 })
  attempts: number;

  /** The time of the first attempt, which begins the window. */
  @CreatedAtColumn()
  createdAt: Date;
}
