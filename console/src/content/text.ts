import type { ContentFieldInput, ContentFieldView, ContentFormat } from '@trellis/client';

export type FieldType = ContentFieldView['type'];
export const FIELD_TYPES = ['text', 'markdown', 'number', 'boolean', 'json'] as const satisfies readonly FieldType[];
export const FORMATS = ['markdown', 'text', 'json'] as const satisfies readonly ContentFormat[];

type FieldValue = ContentFieldView['default'];

/** A field as it is edited: every value is text until it is sent. */
export interface FieldDraft {
  /** Stays the same while the name changes. */
  row: string;
  name: string;
  type: FieldType;
  value: string;
  locked: boolean;
}

export interface AttachmentDraft {
  row: string;
  name: string;
  url: string;
}

let rows = 0;
export const newRow = (): string => `row-${(rows += 1)}`;

/** Writes a value as the user edits it. */
export const toText = (type: FieldType, value: FieldValue): string => {
  if (value === null || value === undefined) return '';
  if (type === 'json') return JSON.stringify(value, null, 2);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** Thrown for text that is no value of its type. */
export class WrongValueError extends Error {}

/** Reads what the user typed. Nothing is no value. Throws `WrongValueError`. */
export function fromText(type: FieldType, text: string): FieldValue {
  const typed = text.trim();
  if (type === 'text' || type === 'markdown') return typed === '' ? null : text;
  if (typed === '') return null;
  try {
    const value = JSON.parse(typed) as FieldValue;
    if (type === 'json' || typeof value === type) return value;
  } catch {
    // Said below.
  }
  throw new WrongValueError();
}

export const toDraft = ({ name, type, default: value, locked }: ContentFieldView): FieldDraft => ({
  row: newRow(),
  name,
  type,
  value: toText(type, value),
  locked,
});

export const toInput = ({ name, type, value, locked }: FieldDraft): ContentFieldInput => ({
  name: name.trim(),
  type,
  default: fromText(type, value),
  locked,
});
