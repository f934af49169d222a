import type { Access, OrganizationAccess } from '../../common/access/index.js';

/** The owner of webhooks: an operator, who gets the events of all its organizations, or an organization. */
export interface WebhookOwner {
  kind: 'operator' | 'organization';
  id: string;
}

export const ownerOf = (access: Access | OrganizationAccess): WebhookOwner =>
  'organizationId' in access
    ? { kind: 'organization', id: access.organizationId }
    : { kind: 'operator', id: access.operator.id };

/** The tables of each kind of owner. */
export const TABLES = {
  organization: {
    webhooks: 'organization_webhooks',
    deliveries: 'organization_webhook_deliveries',
    owner: 'organization_id',
  },
  operator: { webhooks: 'operator_webhooks', deliveries: 'operator_webhook_deliveries', owner: 'operator_id' },
} as const;
