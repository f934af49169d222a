import { applyDecorators, type Type } from '@nestjs/common';
import { ApiOkResponse, ApiQuery } from '@nestjs/swagger';
import { commonErrors } from '../../../common/errors/index.js';

/** Documents `dryRun`, and the 200 with a `view` of what would happen. */
export const TakesDryRun = (view: Type) =>
  applyDecorators(
    ApiQuery({ name: 'dryRun', required: false, type: Boolean, description: 'Only preview the result.' }),
    ApiOkResponse({ type: view, description: 'The preview (`dryRun=true`).' }),
  );

/** Reads `?dryRun=true` by hand, because it runs before every charge. */
export function isDryRun(text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw commonErrors.validation_failed({ errors: [{ field: 'dryRun', message: 'dryRun must be true or false' }] });
}
