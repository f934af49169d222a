import type { PipeTransform } from '@nestjs/common';
import { commonErrors } from '../../common/errors/index.js';
import { isId } from '../../common/ids/index.js';

/** Validates ids in paths: `@Param('userId', IdParam)`. Responds with not_found to anything that is not an id. */
export const IdParam: PipeTransform<string, string> = {
  transform(value) {
    if (!isId(value)) throw commonErrors.not_found();
    return value.toLowerCase();
  },
};
