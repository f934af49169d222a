import { useTranslation } from 'react-i18next';
import { useEventText } from '../overview/eventText';
import type { AuditEntry } from './level';

type Values = Record<string, unknown> | null;

const textIn = (values: Values, key: string): string | undefined => {
  const value = values?.[key];
  return typeof value === 'string' ? value : undefined;
};

/** Returns the name of whom or what an event changed: of changes of the members of a unit, the member. */
function subjectName({ type, subject, before, after, names }: AuditEntry): string | null {
  const userId = textIn(after, 'userId') ?? textIn(before, 'userId');
  if (type.startsWith('unit_member.') && userId) return names[userId] ?? null;
  const own = ['name', 'email', 'title', 'key'].map((key) => textIn(after, key) ?? textIn(before, key)).find(Boolean);
  return names[subject.id] ?? own ?? null;
}

/** Returns a function that says in a sentence what an event did. */
export function useAuditText(): (entry: AuditEntry) => string {
  const textOf = useEventText();
  return (entry) => {
    const { type, actor, subject, names } = entry;
    return textOf({
      type,
      actor: { ...actor, name: (actor.id && names[actor.id]) ?? null },
      subject: { ...subject, name: subjectName(entry) },
    });
  };
}

type Group = 'organization' | 'members' | 'accounts' | 'signIn' | 'credits' | 'plans' | 'compute' | 'api' | 'other';

/** The groups of the filter, in its order, with what their types begin with. */
const GROUPS: [Group, string[]][] = [
  ['members', ['member', 'unit_member', 'operator_member', 'invitation', 'role', 'role_template', 'access_rule']],
  ['organization', ['organization', 'unit', 'operator', 'branding', 'variable']],
  [
    'credits',
    [
      'credits',
      'top_up',
      'auto_top_up',
      'payment_method',
      'credit_alert',
      'billing_details',
      'seller',
      'top_up_package',
      'top_up_settings',
    ],
  ],
  ['plans', ['plan', 'subscription']],
  ['compute', ['cluster', 'run', 'artifact']],
  ['accounts', ['user', 'session', 'sign_in', 'passkey', 'mfa', 'sso_identity', 'device_login']],
  ['signIn', ['auth_settings', 'sso_connection', 'domain', 'scim_user', 'scim_group', 'scim_settings']],
  ['api', ['api_key', 'client', 'webhook', 'job']],
];

/** Returns a function that names a type of events. Types that only a newer server knows have no name but their code. */
export function useEventTypeName(): (type: string) => string {
  const { t, i18n } = useTranslation('eventNames');
  return (type) => (i18n.exists(`eventNames:type.${type}`) ? t(`type.${type as 'organization.created'}`) : type);
}

export interface TypeGroup {
  group: string;
  items: { value: string; label: string }[];
}

/** Returns the types of events by group, each with its name. */
export function useEventTypes(): TypeGroup[] {
  const { t, i18n } = useTranslation('eventNames');
  const { type } = i18n.getResourceBundle(i18n.language, 'eventNames') as {
    type: Record<string, Record<string, string>>;
  };
  const known = new Set(GROUPS.flatMap(([, kinds]) => kinds));
  const others = Object.keys(type).filter((kind) => !known.has(kind));
  return [...GROUPS, ['other', others] as const].flatMap(([group, kinds]) => {
    const items = kinds.flatMap((kind) =>
      Object.entries(type[kind] ?? {}).map(([verb, label]) => ({ value: `${kind}.${verb}`, label })),
    );
    return items.length > 0 ? [{ group: t(`group.${group}`), items }] : [];
  });
}

const wordsOf = (text: string): string[] => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/** Returns the types whose name, code or group has all words of `search`. */
export function matchingTypes(groups: TypeGroup[], search: string): TypeGroup[] {
  const words = wordsOf(search);
  return groups.flatMap(({ group, items }) => {
    const matching = items.filter(({ value, label }) => {
      const text = `${label} ${value} ${group}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    });
    return matching.length > 0 ? [{ group, items: matching }] : [];
  });
}
