/** Codes of invalid fields, with the names of their parameters. Programs translate them; they never change. */
export const FIELD_ERRORS = {
  required: [],
  unknown_field: [],
  wrong_type: ['type'],
  too_short: ['min'],
  too_long: ['max'],
  too_small: ['min'],
  too_large: ['max'],
  too_few: ['min'],
  too_many: ['max'],
  not_unique: [],
  not_allowed: ['allowed'],
  invalid_format: ['format'],
  control_characters: [],
  blank: [],
  reserved: [],
  not_in_future: [],
  invalid: [],
} as const satisfies Record<string, readonly string[]>;

export type FieldErrorCode = keyof typeof FIELD_ERRORS;

export interface FieldError {
  /** Path of the field with dots between levels. Empty for the whole body. */
  field: string;
  message: string;
  /** If omitted, `invalid`. */
  code?: FieldErrorCode;
  params?: Record<string, unknown>;
}

export const missingField = (field: string): FieldError => ({
  field,
  code: 'required',
  message: `${field} is required`,
});

export const unknownField = (field: string, name = field): FieldError => ({
  field,
  code: 'unknown_field',
  message: `${name} is not a known field`,
});
