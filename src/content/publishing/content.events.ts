import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ContentText } from '../model/content.types.js';

/** Returns a text for events: the body may be large, so events have its size and hash. */
export const toEventPayload = ({ title, body, format, fields, attachments }: ContentText) => ({
  title,
  format,
  body: { bytes: Buffer.byteLength(body), sha256: createHash('sha256').update(body).digest('hex') },
  fields: fields.map(({ name, type, locked }) => ({ name, type, locked })),
  attachments,
});

/** Returns what differs, before and after, for the event of a change. Null if nothing differs. */
export function changesOfText(before: ContentText, after: ContentText): { before: object; after: object } | null {
  const changed = (['title', 'body', 'format', 'fields', 'attachments'] as const).filter(
    (part) => !isDeepStrictEqual(plain(before[part]), plain(after[part])),
  );
  if (changed.length === 0) return null;
  const pick = (text: ContentText) => {
    const payload = toEventPayload(text);
    return Object.fromEntries(changed.map((part) => [part, payload[part]]));
  };
  return { before: pick(before), after: pick(after) };
}

/** Instances of DTO classes are never equal to what the database returns. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
