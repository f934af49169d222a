import { defineErrors } from '../../common/errors/index.js';

export const accessRuleErrors = defineErrors('access_rules', {
  not_found: ['not_found', 'This access rule does not exist.'],
  invalid_condition: ['unprocessable', 'The condition is not valid CEL. Check its syntax and names.'],
  domain_not_proved: [
    'unprocessable',
    'A rule of an organization can only name members and domains that the organization proved. Prove the domain first.',
  ],
  limit_reached: ['conflict', 'There can be at most 50 access rules. Delete one first.'],
});
