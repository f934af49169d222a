import { commonErrors, missingField } from '../../common/errors/index.js';

const fieldOf = (given: unknown, name: string): unknown => ((given ?? {}) as Record<string, unknown>)[name];

/** Reads a field of a form or query that other software has sent. Throws validation_failed. */
export function textField(given: unknown, name: string): string {
  const value = fieldOf(given, name);
  if (typeof value === 'string' && value !== '') return value;
  throw commonErrors.validation_failed({ errors: [missingField(name)] });
}

export function optionalTextField(given: unknown, name: string): string {
  const value = fieldOf(given, name);
  return typeof value === 'string' ? value : '';
}
