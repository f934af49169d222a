/** Templates are rendered with variables, content items are read as they are. They share everything else. */
export const CONTENT_KINDS = ['template', 'content'] as const;
export type ContentKind = (typeof CONTENT_KINDS)[number];

export const CONTENT_FORMATS = ['markdown', 'json', 'text'] as const;
export type ContentFormat = (typeof CONTENT_FORMATS)[number];

export const FIELD_TYPES = ['text', 'markdown', 'json', 'boolean', 'number'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export const AUDIENCE_MODES = ['all', 'only', 'except'] as const;
export type AudienceMode = (typeof AUDIENCE_MODES)[number];

export const CONTENT_STATES = ['draft', 'publishing', 'published', 'withdrawn'] as const;
export type ContentState = (typeof CONTENT_STATES)[number];

export const PUBLICATION_STATES = ['scheduled', 'publishing', 'published', 'cancelled'] as const;
export type PublicationState = (typeof PUBLICATION_STATES)[number];

/** JSON of any type. */
export type FieldValue = string | number | boolean | object | null;

/** A value of a document that organizations may override, unless it is locked. */
export interface ContentField {
  name: string;
  type: FieldType;
  /** Null for none. */
  default: FieldValue;
  locked: boolean;
}

export interface Attachment {
  name: string;
  url: string;
}

/** The part of a document that is versioned. */
export interface ContentText {
  title: string;
  body: string;
  format: ContentFormat;
  fields: ContentField[];
  attachments: Attachment[];
}

export const MAX_BODY_BYTES = 256 * 1024;
export const MAX_VALUE_BYTES = 16 * 1024;
export const MAX_FIELDS = 50;
export const MAX_ATTACHMENTS = 20;
export const MAX_AUDIENCE = 1_000;
