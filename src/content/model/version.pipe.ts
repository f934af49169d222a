import type { PipeTransform } from '@nestjs/common';
import { contentErrors } from './content.errors.js';

/** Validates the number of a version in a path. Responds with version_not_found to anything else. */
export const VersionParam: PipeTransform<string, number> = {
  transform(value) {
    if (!/^[1-9]\d{0,8}$/.test(value)) throw contentErrors.version_not_found();
    return Number(value);
  },
};
