import { PageQuery } from '../../common/pagination/index.js';
import {
  DateTimeField,
  DayOrTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { DELIVERY_STATES, type DeliveryState } from '../model/webhook.entity.js';

const COUNT = { min: 0, max: 2_147_483_647 };

export class DeliveryQuery extends PageQuery {
  @EnumField(DELIVERY_STATES, { name: 'WebhookDeliveryStatus', optional: true })
  status?: DeliveryState;

  @TextField({ max: 100, optional: true, description: 'The type of the events.', example: 'organization.updated' })
  type?: string;

  @DayOrTimeField({ optional: true, description: 'Only those made at or after this time.' })
  since?: string;
}

export class ReplaySince {
  @DayOrTimeField({
    description:
      'All deliveries made at or after this time are sent again. At most 30 days back, where deliveries end.',
  })
  since: string;
}

export class ReplayedView {
  @IntegerField({ ...COUNT, description: 'Deliveries that are sent again.' })
  replayed: number;
}

export class DeliveryView {
  @UuidField()
  id: string;

  @UuidField({ nullable: true, description: 'The header `webhook-id`. Null for a test, whose `webhook-id` is `id`.' })
  eventId: string | null;

  @TextField({ example: 'organization.updated' })
  type: string;

  @EnumField(DELIVERY_STATES, {
    name: 'WebhookDeliveryStatus',
    description: '`failed`: the last attempt failed and no other follows, unless it is replayed.',
  })
  status: DeliveryState;

  @IntegerField(COUNT)
  attempts: number;

  @DateTimeField({ nullable: true, description: 'When it is tried next. Null once it is delivered or failed.' })
  nextAttemptAt: string | null;

  @DateTimeField({ nullable: true })
  attemptedAt: string | null;

  @IntegerField({ min: 100, max: 999, nullable: true, description: 'The HTTP status of the last response.' })
  responseStatus: number | null;

  @TextField({ nullable: true, description: 'Why there was no response to the last attempt.', example: 'timeout' })
  error: string | null;

  @IntegerField({ ...COUNT, nullable: true, description: 'How long the last attempt took.' })
  durationMs: number | null;

  @DateTimeField()
  createdAt: string;
}

export class DeliveryRequestView {
  @TextField({ max: 1_000_000, multiline: true, description: 'The JSON as it is signed and sent.' })
  body: string;
}

export class DeliveryDetailView extends DeliveryView {
  @ObjectField(() => DeliveryRequestView, {
    nullable: true,
    description: 'Null if the event was purged with its organization.',
  })
  request: DeliveryRequestView | null;

  @TextField({ max: 4096, nullable: true, multiline: true, description: 'The last response, cut after 4 KiB.' })
  response: string | null;
}

/** A row of the deliveries of either kind of owner. */
export interface DeliveryRow {
  id: string;
  webhookId: string;
  eventId: string | null;
  /** Of the log with the event. Null for the log of the operator. */
  eventOrganizationId: string | null;
  type: string;
  subjectId: string;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: Date | null;
  attemptedAt: Date | null;
  status: number | null;
  error: string | null;
  response: string | null;
  durationMs: number | null;
  createdAt: Date;
}

export const toDeliveryView = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  eventId: row.eventId,
  type: row.type,
  status: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  attemptedAt: row.attemptedAt?.toISOString() ?? null,
  responseStatus: row.status,
  error: row.error,
  durationMs: row.durationMs,
  createdAt: row.createdAt.toISOString(),
});
