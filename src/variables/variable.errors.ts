import { defineErrors } from '../common/errors/index.js';

export const variableErrors = defineErrors('variables', {
  not_found: ['not_found', 'There is no such variable at this level.'],
  reserved_key: ['unprocessable', 'Keys that begin with ORG_, UNIT_, OPERATOR_ or TRELLIS_ are built in.'],
  limit_reached: ['conflict', 'A level has at most 200 variables. Remove one first.'],
});
