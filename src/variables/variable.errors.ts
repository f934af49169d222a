import { defineErrors } from '../common/errors/index.js';

export const variableErrors = defineErrors('variables', {
  not_found: ['not_found', 'This variable is not set at this level.'],
  reserved_key: [
    'unprocessable',
    'Keys that begin with ORG_, UNIT_, OPERATOR_ or TRELLIS_ are reserved. Choose another key.',
  ],
  limit_reached: ['conflict', 'A level can have at most 200 variables. Remove one first.'],
});
