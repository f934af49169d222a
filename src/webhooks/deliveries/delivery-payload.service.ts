import { Injectable } from '@nestjs/common';
import type { Reader } from '../../database/index.js';
import type { DeliveryRow } from './delivery.dto.js';

export interface Payload {
  /** The JSON that is signed and sent. */
  body: string;
}

interface EventOfDelivery {
  id: string;
  type: string;
  occurredAt: Date;
  actorType: string;
  actorId: string | null;
  subjectType: string;
  subjectId: string;
  before: object | null;
  after: object | null;
  organizationId: string | null;
  organizationSlug: string | null;
  organizationExternalId: string | null;
}

const columns = (organization: boolean): string =>
  `e.id, e.type, e.occurred_at as "occurredAt", e.actor_type as "actorType", e.actor_id as "actorId",
   e.subject_type as "subjectType", e.subject_id as "subjectId", e.before, e.after,
   ${organization ? 'o.id' : 'null'} as "organizationId", ${organization ? 'o.slug' : 'null'} as "organizationSlug",
   ${organization ? 'o.external_id' : 'null'} as "organizationExternalId"`;

/** Writes what is sent to receivers, from the log of events. */
@Injectable()
export class DeliveryPayloadService {
  /** Returns a payload for each delivery, or null if its event was purged. */
  async of(reader: Reader, operatorId: string, deliveries: readonly DeliveryRow[]): Promise<(Payload | null)[]> {
    const events = await this.eventsOf(reader, operatorId, deliveries);
    return deliveries.map((delivery) => {
      if (delivery.eventId === null) return { body: testBody(delivery) };
      const event = events.get(delivery.eventId);
      return event ? { body: bodyOf(event) } : null;
    });
  }

  private async eventsOf(
    reader: Reader,
    operatorId: string,
    deliveries: readonly DeliveryRow[],
  ): Promise<Map<string, EventOfDelivery>> {
    const withEvent = deliveries.filter(({ eventId }) => eventId !== null);
    const ofOrganizations = withEvent.filter(({ eventOrganizationId }) => eventOrganizationId !== null);
    const ofOperator = withEvent.filter(({ eventOrganizationId }) => eventOrganizationId === null);
    const rows = [
      ...(ofOrganizations.length > 0
        ? await reader.rows<EventOfDelivery>(
            `select ${columns(true)} from unnest($1::uuid[], $2::uuid[]) as w (organization_id, event_id)
             join organization_events e on e.organization_id = w.organization_id and e.id = w.event_id
             join organizations o on o.id = e.organization_id`,
            [
              ofOrganizations.map(({ eventOrganizationId }) => eventOrganizationId),
              ofOrganizations.map(({ eventId }) => eventId),
            ],
          )
        : []),
      ...(ofOperator.length > 0
        ? await reader.rows<EventOfDelivery>(
            `select ${columns(false)} from operator_events e where e.operator_id = $1 and e.id = any ($2::uuid[])`,
            [operatorId, ofOperator.map(({ eventId }) => eventId)],
          )
        : []),
    ];
    return new Map(rows.map((row) => [row.id, row]));
  }
}

const bodyOf = (event: EventOfDelivery): string =>
  JSON.stringify({
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    data: {
      id: event.id,
      organization: event.organizationId && {
        id: event.organizationId,
        slug: event.organizationSlug,
        externalId: event.organizationExternalId,
      },
      actor: { type: event.actorType, id: event.actorId },
      subject: { type: event.subjectType, id: event.subjectId },
      before: event.before,
      after: event.after,
    },
  });

const testBody = ({ id, type, createdAt, webhookId }: DeliveryRow): string =>
  JSON.stringify({
    type,
    timestamp: createdAt.toISOString(),
    data: {
      id,
      organization: null,
      actor: { type: 'system', id: null },
      subject: { type: 'webhook', id: webhookId },
      before: null,
      after: null,
    },
  });
