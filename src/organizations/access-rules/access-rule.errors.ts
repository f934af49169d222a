import { defineErrors } from '../../common/errors/index.js';

export const accessRuleErrors = defineErrors('access_rules', {
  not_found: ['not_found', 'There is no such access rule.'],
  invalid_condition: ['unprocessable', 'The condition cannot be read.'],
  limit_reached: ['conflict', 'There are at most 50 access rules. Remove one first.'],
});
