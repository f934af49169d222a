import { defineErrors } from '../common/errors/index.js';

export const planErrors = defineErrors('plans', {
  not_found: ['not_found', 'This plan does not exist.'],
  name_taken: ['conflict', 'Another plan of this operator has this name. Choose a different one.'],
  archived: ['conflict', 'This plan is archived and can no longer be changed or chosen. Use another plan.'],
  credits_need_person: [
    'forbidden',
    'An API key cannot give a plan more monthly credits than ADJUSTMENT_LIMIT. Ask a member of staff to do it.',
  ],
  limit_reached: ['conflict', 'There can be at most 100 active plans. Archive one first.'],
});
