import { commonErrors } from '../errors/index.js';

/**
 * Parses the value of `field`, in UTC if it names no zone. Rejects forms of ISO 8601 that the database does not read, such as
 * weeks.
 */
export function instantOf(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const local = /T[^Z+-]*$/i.test(text);
  const instant = new Date(local ? `${text}Z` : text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(instant.getTime())) {
    throw commonErrors.validation_failed({
      errors: [
        {
          field,
          code: 'invalid_format',
          params: { format: 'date-time' },
          message: `${field} must be a time such as 2026-01-31T00:00:00Z`,
        },
      ],
    });
  }
  return instant;
}
