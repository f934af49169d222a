import * as api from '@trellis/client';
import type {
  CreatedWebhookView,
  CreateWebhook,
  DeliveryDetailView,
  DeliveryView,
  PatchWebhook,
  ReplayedView,
  RotatedSecretView,
  WebhookDeliveryStatus,
  WebhookView,
} from '@trellis/client';
import * as requires from '@trellis/client/requires';
import type { Requirement } from '../api/access';
import { pages } from '../api/pages';
import type { Tone } from '../frame/StatusBadge';

export const STATUSES = ['pending', 'delivered', 'failed'] as const satisfies readonly WebhookDeliveryStatus[];
export const STATUS_TONES: Record<WebhookDeliveryStatus, Tone> = {
  pending: 'warning',
  delivered: 'good',
  failed: 'bad',
};

const DIALOGS = ['new', 'edit', 'rotate', 'replay', 'delete'] as const;

/** The search parameters of the page of webhooks. */
export interface WebhookSearch {
  /** The open webhook. */
  webhook?: string | undefined;
  dialog?: (typeof DIALOGS)[number] | undefined;
  /** The filter of its deliveries. */
  status?: WebhookDeliveryStatus | undefined;
  /** The open delivery. */
  delivery?: string | undefined;
}

export const readSearch = ({ webhook, dialog, status, delivery }: Record<string, unknown>): WebhookSearch => ({
  ...(typeof webhook === 'string' && webhook && { webhook }),
  ...(DIALOGS.includes(dialog as 'new') && { dialog: dialog as 'new' }),
  ...(STATUSES.includes(status as 'pending') && { status: status as WebhookDeliveryStatus }),
  ...(typeof delivery === 'string' && delivery && { delivery }),
});

const ifMatch = (etag: string | undefined) => ({ headers: { ...(etag && { 'If-Match': etag }) } });

/** The webhooks of an organization or of the operator, which are managed alike. */
export interface WebhookLevel {
  key: readonly unknown[];
  editRequires: Requirement;
  list: ReturnType<typeof pages<WebhookView>>;
  get: (id: string, signal?: AbortSignal) => Promise<WebhookView>;
  create: (body: CreateWebhook) => Promise<CreatedWebhookView>;
  update: (id: string, body: PatchWebhook, etag: string | undefined) => Promise<WebhookView>;
  remove: (id: string) => Promise<unknown>;
  rotate: (id: string) => Promise<RotatedSecretView>;
  test: (id: string) => Promise<DeliveryView>;
  deliveries: (id: string, status: WebhookDeliveryStatus | undefined) => ReturnType<typeof pages<DeliveryView>>;
  delivery: (id: string, deliveryId: string, signal?: AbortSignal) => Promise<DeliveryDetailView>;
  replay: (id: string, deliveryId: string) => Promise<unknown>;
  replaySince: (id: string, since: string) => Promise<ReplayedView>;
}

const withSignal = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

export function organizationWebhooks(orgId: string): WebhookLevel {
  const key = ['webhooks', orgId];
  return {
    key,
    editRequires: requires.createWebhook,
    list: pages([...key, 'list'], (page, signal) => api.listWebhooks({ path: { orgId }, query: page, signal })),
    get: async (webhookId, signal) =>
      (await api.getWebhook({ path: { orgId, webhookId }, ...withSignal(signal) })).data,
    create: async (body) => (await api.createWebhook({ path: { orgId }, body })).data,
    update: async (webhookId, body, etag) =>
      (await api.updateWebhook({ path: { orgId, webhookId }, body, ...ifMatch(etag) })).data,
    remove: (webhookId) => api.deleteWebhook({ path: { orgId, webhookId } }),
    rotate: async (webhookId) => (await api.rotateWebhookSecret({ path: { orgId, webhookId } })).data,
    test: async (webhookId) => (await api.testWebhook({ path: { orgId, webhookId } })).data,
    deliveries: (webhookId, status) =>
      pages([...key, 'deliveries', webhookId, { status }], (page, signal) =>
        api.listWebhookDeliveries({
          path: { orgId, webhookId },
          query: { ...page, ...(status && { status }) },
          signal,
        }),
      ),
    delivery: async (webhookId, deliveryId, signal) =>
      (await api.getWebhookDelivery({ path: { orgId, webhookId, deliveryId }, ...withSignal(signal) })).data,
    replay: (webhookId, deliveryId) => api.replayWebhookDelivery({ path: { orgId, webhookId, deliveryId } }),
    replaySince: async (webhookId, since) =>
      (await api.replayWebhook({ path: { orgId, webhookId }, body: { since } })).data,
  };
}

const OPERATOR_KEY = ['webhooks', 'operator'];

export const operatorWebhooks: WebhookLevel = {
  key: OPERATOR_KEY,
  editRequires: requires.createOperatorWebhook,
  list: pages([...OPERATOR_KEY, 'list'], (page, signal) => api.listOperatorWebhooks({ query: page, signal })),
  get: async (webhookId, signal) => (await api.getOperatorWebhook({ path: { webhookId }, ...withSignal(signal) })).data,
  create: async (body) => (await api.createOperatorWebhook({ body })).data,
  update: async (webhookId, body, etag) =>
    (await api.updateOperatorWebhook({ path: { webhookId }, body, ...ifMatch(etag) })).data,
  remove: (webhookId) => api.deleteOperatorWebhook({ path: { webhookId } }),
  rotate: async (webhookId) => (await api.rotateOperatorWebhookSecret({ path: { webhookId } })).data,
  test: async (webhookId) => (await api.testOperatorWebhook({ path: { webhookId } })).data,
  deliveries: (webhookId, status) =>
    pages([...OPERATOR_KEY, 'deliveries', webhookId, { status }], (page, signal) =>
      api.listOperatorWebhookDeliveries({ path: { webhookId }, query: { ...page, ...(status && { status }) }, signal }),
    ),
  delivery: async (webhookId, deliveryId, signal) =>
    (await api.getOperatorWebhookDelivery({ path: { webhookId, deliveryId }, ...withSignal(signal) })).data,
  replay: (webhookId, deliveryId) => api.replayOperatorWebhookDelivery({ path: { webhookId, deliveryId } }),
  replaySince: async (webhookId, since) =>
    (await api.replayOperatorWebhook({ path: { webhookId }, body: { since } })).data,
};
