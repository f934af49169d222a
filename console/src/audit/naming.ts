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
  const own = ['name', 'email'].map((key) => textIn(after, key) ?? textIn(before, key)).find(Boolean);
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

/** Returns the types of events that the console has sentences for. */
export function useEventTypes(): string[] {
  const { i18n } = useTranslation('events');
  const { type } = i18n.getResourceBundle(i18n.language, 'events') as { type: Record<string, Record<string, string>> };
  return Object.entries(type)
    .flatMap(([kind, verbs]) => Object.keys(verbs).map((verb) => `${kind}.${verb}`))
    .sort();
}
