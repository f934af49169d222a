import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

export const DISABLED_REASONS = ['gone', 'failing'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** An address that events are sent to. */
abstract class WebhookColumns {
  @TextColumn()
  url: string;

  @TextColumn({ nullable: true })
  description: string | null;

  /** Types, prefixes such as `organization.*`, or `*`. */
  @Column({ type: 'text', array: true })
  eventTypes: string[];

  /** An encrypted object of header names and values. */
  @TextColumn()
  headers: string;

  /** The encrypted `whsec_…` that deliveries are signed with. */
  @TextColumn()
  secret: string;

  /** The secret before, and until when deliveries are signed with it too. */
  @TextColumn({ nullable: true })
  previousSecret: string | null;

  @TimestampColumn({ nullable: true })
  previousSecretUntil: Date | null;

  @Column({ type: 'boolean' })
  active: boolean;

  /** Why the server switched it off. */
  @TextColumn({ nullable: true })
  disabledReason: DisabledReason | null;

  /** True after an attempt succeeded, until one fails. The others have places of their own, so that they delay no one. */
  @Column({ type: 'boolean', default: false })
  healthy: boolean;

  /** Since when every attempt failed. */
  @TimestampColumn({ nullable: true })
  failingSince: Date | null;

  /** When something must be sent next. Null if nothing waits. */
  @TimestampColumn({ nullable: true })
  dueAt: Date | null;

  /** Until when a server sends to it. */
  @TimestampColumn({ nullable: true })
  leasedUntil: Date | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}

@Entity('organization_webhooks')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('organization_webhooks_due_idx', ['healthy', 'dueAt'], { where: 'active and due_at is not null' })
@Check('organization_webhooks_disabled_reason_check', "disabled_reason in ('gone', 'failing')")
export class OrganizationWebhook extends WebhookColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;
}

@Entity('operator_webhooks')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('operator_webhooks_due_idx', ['healthy', 'dueAt'], { where: 'active and due_at is not null' })
@Check('operator_webhooks_disabled_reason_check', "disabled_reason in ('gone', 'failing')")
export class OperatorWebhook extends WebhookColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @PrimaryIdColumn()
  id: string;
}

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One event on its way to one endpoint. The event itself stays in its log. */
abstract class DeliveryColumns {
  @IdColumn()
  webhookId: string;

  /** The order in which deliveries were made, which is that of the events. */
  @Column({ type: 'bigint', generated: 'identity', generatedIdentity: 'ALWAYS' })
  position: string;

  /** Null for a test, which has no event. */
  @IdColumn({ nullable: true })
  eventId: string | null;

  @TextColumn()
  type: string;

  /** Deliveries about one subject arrive in order. */
  @TextColumn()
  subjectId: string;

  @Column({ type: 'text', default: 'pending' })
  state: DeliveryState;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** When it is tried next. Null once it is delivered or failed. */
  @TimestampColumn({ nullable: true })
  nextAttemptAt: Date | null;

  @TimestampColumn({ nullable: true })
  attemptedAt: Date | null;

  /** The status of the last response. Null without a response. */
  @Column({ type: 'integer', nullable: true })
  status: number | null;

  /** Why there was no response. */
  @TextColumn({ nullable: true })
  error: string | null;

  /** The beginning of the last response. */
  @TextColumn({ nullable: true })
  response: string | null;

  @Column({ type: 'integer', nullable: true })
  durationMs: number | null;

  @CreatedAtColumn()
  createdAt: Date;
}

@Entity('organization_webhook_deliveries')
@ForeignKey('OrganizationWebhook', ['organizationId', 'webhookId'], ['organizationId', 'id'])
@Index('organization_webhook_deliveries_event_key', ['organizationId', 'webhookId', 'eventId'], {
  unique: true,
  where: 'event_id is not null',
})
@Index('organization_webhook_deliveries_created_at_idx', ['organizationId', 'webhookId', 'createdAt', 'id'])
@Index('organization_webhook_deliveries_due_idx', ['organizationId', 'webhookId', 'nextAttemptAt', 'position'], {
  where: "state = 'pending'",
})
@Index('organization_webhook_deliveries_subject_idx', ['organizationId', 'webhookId', 'subjectId'], {
  where: "state = 'pending'",
})
@Index('organization_webhook_deliveries_old_idx', ['createdAt'])
@Check('organization_webhook_deliveries_state_check', "(state = 'pending') = (next_attempt_at is not null)")
export class OrganizationWebhookDelivery extends DeliveryColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;
}

@Entity('operator_webhook_deliveries')
@ForeignKey('OperatorWebhook', ['operatorId', 'webhookId'], ['operatorId', 'id'])
@Index('operator_webhook_deliveries_event_key', ['operatorId', 'webhookId', 'eventId'], {
  unique: true,
  where: 'event_id is not null',
})
@Index('operator_webhook_deliveries_created_at_idx', ['operatorId', 'webhookId', 'createdAt', 'id'])
@Index('operator_webhook_deliveries_due_idx', ['operatorId', 'webhookId', 'nextAttemptAt', 'position'], {
  where: "state = 'pending'",
})
@Index('operator_webhook_deliveries_subject_idx', ['operatorId', 'webhookId', 'subjectId'], {
  where: "state = 'pending'",
})
@Index('operator_webhook_deliveries_old_idx', ['createdAt'])
@Check('operator_webhook_deliveries_state_check', "(state = 'pending') = (next_attempt_at is not null)")
export class OperatorWebhookDelivery extends DeliveryColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @PrimaryIdColumn()
  id: string;

  /** The organization whose log has the event. Null for the log of the operator. It may be purged meanwhile. */
  @IdColumn({ nullable: true })
  eventOrganizationId: string | null;
}

/** How far a log of events was read for deliveries. */
@Entity('webhook_cursors')
export class WebhookCursor {
  @Column({ type: 'text', primary: true })
  stream: 'organization' | 'operator';

  /** The transaction, stream and number of the last event that was read. */
  @Column({ type: 'bigint' })
  transactionId: string;

  @IdColumn()
  ownerId: string;

  @Column({ type: 'bigint' })
  seq: string;

  /** Older events are not delivered. Set again when the database was restored, where numbers of transactions begin anew. */
  @TimestampColumn()
  since: Date;
}
