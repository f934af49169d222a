import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../database/index.js';

/** 1, 2, 3, … within the stream, in commit order. */
const SeqColumn = () => PrimaryColumn({ type: 'bigint' });

/** Columns of an event, for both streams. */
abstract class EventColumns {
  @IdColumn()
  id: string;

  @TimestampColumn()
  occurredAt: Date;

  @TextColumn()
  type: string;

  @TextColumn()
  actorType: string;

  @IdColumn({ nullable: true })
  actorId: string | null;

  @TextColumn()
  subjectType: string;

  @TextColumn()
  subjectId: string;

  @JsonColumn({ nullable: true })
  before: Record<string, unknown> | null;

  @JsonColumn({ nullable: true })
  after: Record<string, unknown> | null;

  @TextColumn()
  requestId: string;

  @TextColumn({ nullable: true })
  ip: string | null;

  /** SHA-256 (hex) over the hash of the previous event and the content of this one. */
  @TextColumn()
  hash: string;

  /** Signs the hash with a key from SECRET_KEY. Null for events of versions that did not sign. */
  @TextColumn({ nullable: true })
  signature: string | null;

  /** The transaction that wrote it, for those who read the log as it grows. Null for events of versions without webhooks. */
  @Column({ type: 'bigint', nullable: true, select: false, default: () => 'current_transaction()' })
  transactionId: string | null;
}

@Entity('organization_events')
@Unique('organization_events_organization_id_id_key', ['organizationId', 'id'])
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('organization_events_transaction_id_idx', ['transactionId', 'organizationId', 'seq'], {
  where: 'transaction_id is not null',
})
@Index('organization_events_type_idx', ['organizationId', 'type', 'seq'])
@Index('organization_events_actor_id_idx', ['organizationId', 'actorId', 'seq'])
@Index('organization_events_subject_id_idx', ['organizationId', 'subjectId', 'seq'])
export class OrganizationEvent extends EventColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @SeqColumn()
  seq: string;
}

@Entity('operator_events')
@Unique('operator_events_operator_id_id_key', ['operatorId', 'id'])
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('operator_events_transaction_id_idx', ['transactionId', 'operatorId', 'seq'], {
  where: 'transaction_id is not null',
})
@Index('operator_events_type_idx', ['operatorId', 'type', 'seq'])
@Index('operator_events_actor_id_idx', ['operatorId', 'actorId', 'seq'])
@Index('operator_events_subject_id_idx', ['operatorId', 'subjectId', 'seq'])
export class OperatorEvent extends EventColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @SeqColumn()
  seq: string;
}

/** The end of a stream's chain. Its row lock orders the writers of the stream. */
abstract class ChainColumns {
  @Column({ type: 'bigint' })
  seq: string;

  @TextColumn()
  hash: string;

  /** The number of the first signed event. `startSignature` signs it. Null until the first start with this version. */
  @Column({ type: 'bigint', nullable: true })
  signedFrom: string | null;

  @TextColumn({ nullable: true })
  startSignature: string | null;

  /** The end of the chain when it was last written to the log of the platform, and its signature. */
  @Column({ type: 'bigint', nullable: true })
  anchoredSeq: string | null;

  @TextColumn({ nullable: true })
  anchoredHash: string | null;

  @TextColumn({ nullable: true })
  anchorSignature: string | null;

  @TimestampColumn({ nullable: true })
  anchoredAt: Date | null;
}

@Entity('organization_event_chains')
@ForeignKey('Organization', ['organizationId'], ['id'])
export class OrganizationEventChain extends ChainColumns {
  @PrimaryIdColumn()
  organizationId: string;
}

@Entity('operator_event_chains')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class OperatorEventChain extends ChainColumns {
  @PrimaryIdColumn()
  operatorId: string;
}

/** An event of either stream. */
export type EventRow = Omit<OrganizationEvent, 'organizationId' | 'transactionId'> & {
  /** The current name of the API key that made the change. Only in rows that are read to be shown. */
  keyName?: string | null;
};
