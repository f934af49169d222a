import { defineErrors } from '../../common/errors/index.js';

export const webhookErrors = defineErrors('webhooks', {
  not_found: ['not_found', 'This webhook does not exist, or you cannot see it.'],
  delivery_not_found: ['not_found', 'This delivery does not exist. Deliveries are kept for 30 days.'],
  limit_reached: ['conflict', 'There are too many webhooks. Delete one that is no longer needed.'],
  url_not_allowed: [
    'unprocessable',
    'The address must begin with https:// and be reachable from the internet: private addresses are refused.',
  ],
  unknown_event_type: [
    'unprocessable',
    'No event has this type. Use a type of GET /webhook-event-types, a prefix such as `organization.*`, or `*`.',
  ],
  header_not_allowed: ['unprocessable', 'This header cannot be set, because the delivery sets it or HTTP forbids it.'],
  inactive: ['conflict', 'This webhook is switched off. Switch it on first.'],
});
