import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Outgoing, OutgoingError } from '../../common/outgoing/index.js';
import type { DeliveryRow } from '../deliveries/delivery.dto.js';
import { substitute } from '../../variables/index.js';
import { WebhookSecrets } from '../model/webhook.secrets.js';
import type { LeasedWebhook } from './dispatch.store.js';

const TIMEOUT_MS = 15_000;
const KEPT_BYTES = 4096;

/** Values of variables by name. */
export type Variables = ReadonlyMap<string, { value: string }>;

export interface SendResult {
  status: number | null;
  /** Why there was no response. */
  error: string | null;
  response: string | null;
  durationMs: number;
}

/** An endpoint with what it keeps to itself in the clear, for one turn. */
export interface OpenedWebhook {
  url: URL;
  /** As the owner wrote them, by name. */
  headers: Record<string, string>;
  secret: string;
  previous: { secret: string; until: Date } | null;
}

/** Signs and sends one delivery as Standard Webhooks describes. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly outgoing: Outgoing,
    private readonly secrets: WebhookSecrets,
  ) {}

  open({ owner, id, url, headers, secret, previousSecret, previousSecretUntil: until }: LeasedWebhook): OpenedWebhook {
    return {
      url: new URL(url),
      headers: this.secrets.headersOf(owner, id, headers),
      secret: this.secrets.open(owner, id, 'secret', secret),
      previous:
        previousSecret && until
          ? { secret: this.secrets.open(owner, id, 'previous_secret', previousSecret), until }
          : null,
    };
  }

  async send(webhook: OpenedWebhook, delivery: DeliveryRow, body: string, variables: Variables): Promise<SendResult> {
    const started = performance.now();
    const after = (result: Omit<SendResult, 'durationMs'>): SendResult => ({
      ...result,
      durationMs: Math.round(performance.now() - started),
    });
    const headers = headersOf(webhook, variables);
    if (!headers) return after({ status: null, error: 'invalid_header', response: null });
    const id = delivery.eventId ?? delivery.id;
    const now = new Date();
    try {
      const { status, beginning } = await this.outgoing.post(webhook.url, {
        timeoutMs: TIMEOUT_MS,
        keptBytes: KEPT_BYTES,
        body,
        headers: {
          ...headers,
          'user-agent': 'Trellis-Webhooks',
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': secretsOf(webhook, now)
            .map((secret) => new Webhook(secret).sign(id, now, body))
            .join(' '),
        },
      });
      // PostgreSQL cannot store this character.
      return after({ status, error: null, response: beginning.replaceAll('\0', '\uFFFD') });
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      return after({ status: null, error: error.reason, response: null });
    }
  }
}

/** Tells whether a header needs variables. */
export const usesVariables = ({ headers }: OpenedWebhook): boolean =>
  Object.values(headers).some((value) => value.includes('{{'));

const secretsOf = ({ secret, previous }: OpenedWebhook, now: Date): string[] =>
  previous && previous.until > now ? [secret, previous.secret] : [secret];

/** Null if a variable does not exist, or its value cannot be sent in a header. */
function headersOf(webhook: OpenedWebhook, variables: Variables): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(webhook.headers)) {
    const { text, unknown } = substitute(value, variables);
    if (unknown.length > 0 || !/^[\x20-\x7e]{0,8000}$/.test(text)) return null;
    headers[name.toLowerCase()] = text;
  }
  return headers;
}
