import { commonErrors } from '../../../common/errors/index.js';

export function refuse(field: string, message: string): never {
  throw commonErrors.validation_failed({ errors: [{ field, message: `${field} ${message}` }] });
}
