import { EVENT_TYPES, type EventType } from '../../events/index.js';

/** The only event that a deleted organization still gets. */
export const DELETION: EventType = 'organization.deletion_scheduled';

/** The event after which it gets what waited meanwhile. */
export const RESTORATION: EventType = 'organization.restored';

const matches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));

/** Tells whether an endpoint with these patterns gets events of a type. */
export const isSubscribed = (patterns: readonly string[], type: string): boolean =>
  patterns.some((pattern) => matches(pattern, type));

/** Returns the patterns that no type of event matches. */
export const unknownPatterns = (patterns: readonly string[]): string[] =>
  patterns.filter((pattern) => !EVENT_TYPES.some((type) => matches(pattern, type)));
