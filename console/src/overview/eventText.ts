import { useTranslation } from 'react-i18next';

export interface EventInShort {
  type: string;
  actor: { type: string; name?: string | null };
  subject: { type: string; name?: string | null };
}

const PEOPLE = new Set([
  'member',
  'unit_member',
  'operator_member',
  'user',
  'invitation',
  'scim_user',
  'session',
  'mfa',
]);
const ACTORS = ['user', 'api_key', 'system'] as const;

/** Returns a function that says in a sentence what an event did. Types without a sentence are named as they are. */
export function useEventText(): (event: EventInShort) => string {
  const { t, i18n } = useTranslation('events');
  return ({ type, actor, subject }) => {
    const kind = ACTORS.find((one) => one === actor.type) ?? 'system';
    const names = {
      actor: actor.name ?? t(`actor.${kind}`),
      subject: subject.name ?? t(PEOPLE.has(subject.type) ? 'unnamed.person' : 'unnamed.other'),
    };
    // A server that is newer than the console may send types that it does not know.
    return i18n.exists(`events:type.${type}`)
      ? t(`type.${type as 'organization.created'}`, names)
      : t('fallback', { ...names, type });
  };
}
