import type { PipeTransform } from '@nestjs/common';
import { commonErrors } from '../../common/errors/index.js';
import { isId } from '../../common/ids/index.js';

/** For `@Param('userId', IdParam)`: what is no id names nothing. Throws not_found. */
export const IdParam: PipeTransform<string, string> = {
  transform(value) {
    if (!isId(value)) throw commonErrors.not_found();
    return value.toLowerCase();
  },
};
