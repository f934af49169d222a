import { defineErrors } from '../../common/errors/index.js';

export const accessRuleErrors = defineErrors('access_rules', {
  not_found: ['not_found', 'This access rule does not exist.'],
  invalid_condition: ['unprocessable', 'The condition is not valid CEL. Check its syntax and names.'],
  limit_reached: ['conflict', 'There can be at most 50 access rules. Delete one first.'],
});
