import { defineErrors } from '../../common/errors/index.js';

export const accessRuleErrors = defineErrors('access_rules', {
  not_found: ['not_found', 'This access rule does not exist.'],
  invalid_condition: ['unprocessable', 'The condition is not valid CEL. Check its syntax and names.'],
  condition_too_expensive: [
    'unprocessable',
    'The condition takes too long to evaluate. Avoid large lists in loops, and long texts.',
  ],
  domain_not_proved: [
    'unprocessable',
    'A rule of an organization can only name members and domains that the organization proved. Prove the domain first.',
  ],
  limit_reached: ['conflict', 'The limit of access rules is reached. Delete one first.'],
});
