import { queryOptions, useQuery } from '@tanstack/react-query';
import { listPermissions, type OperatorApiKeyView, type PermissionView, type RoleView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { contains } from '../frame/contains';

export type PermissionKey = RoleView['permissions'][number] | OperatorApiKeyView['permissions'][number];
export type Permission = Omit<PermissionView, 'key'> & { key: PermissionKey };

/** Topics of permissions, with the resources before the colon of their keys. */
const TOPICS = {
  people: ['members', 'invitations', 'roles', 'access-rules'],
  units: ['units', 'unit', 'unit-members', 'unit-branding', 'unit-variables'],
  organization: [
    'organizations',
    'organization',
    'branding',
    'variables',
    'api-keys',
    'events',
    'clusters',
    'runs',
    'content',
    'operator-content',
  ],
  signIn: ['auth-settings', 'domains', 'sso', 'scim'],
  credits: [
    'plans',
    'subscriptions',
    'subscription',
    'credits',
    'charges',
    'top-ups',
    'top-up-packages',
    'auto-top-up',
    'credit-alerts',
    'limits',
  ],
  other: [],
} as const satisfies Record<string, readonly string[]>;
export type Topic = keyof typeof TOPICS;

const topicOf = (key: string): Topic => {
  const resource = key.slice(0, key.indexOf(':'));
  const found = Object.entries(TOPICS).find(([, resources]) => (resources as readonly string[]).includes(resource));
  return (found?.[0] as Topic | undefined) ?? 'other';
};

const catalog = queryOptions({
  queryKey: ['permissions'],
  queryFn: async ({ signal }) => (await listPermissions({ signal })).data.items as Permission[],
  staleTime: Infinity,
});

/** Permissions of organizations and units. */
export const inOrganizations = ({ level }: Permission): boolean => level === 'organization' || level === 'unit';

export interface PermissionTopic {
  topic: Topic;
  permissions: Permission[];
}

/** The wanted permissions by topic, those that match `q` by key or description. */
export function usePermissions(q: string, wants: (permission: Permission) => boolean): PermissionTopic[] {
  const { i18n } = useTranslation('permissions');
  const found = useQuery(catalog).data ?? [];
  const described = found.filter(wants).map((one) => {
    // Keys contain colons, which would separate a namespace.
    const text = i18n.getResource(i18n.language, 'permissions', one.key) as unknown;
    return { ...one, description: typeof text === 'string' ? text : one.description };
  });
  const matching = described.filter(({ key, description }) => contains(key, q) || contains(description, q));
  const topics = (Object.keys(TOPICS) as Topic[]).map((topic) => ({
    topic,
    permissions: matching.filter(({ key }) => topicOf(key) === topic),
  }));
  return topics.filter(({ permissions }) => permissions.length > 0);
}
