import { defineErrors } from '../common/errors/index.js';

export const planErrors = defineErrors('plans', {
  not_found: ['not_found', 'There is no such plan.'],
  name_taken: ['conflict', 'Another plan of this operator has this name.'],
  archived: ['conflict', 'This plan is archived: it is not changed and not chosen any more.'],
  limit_reached: ['conflict', 'There are at most 100 plans that are not archived. Archive one first.'],
});
