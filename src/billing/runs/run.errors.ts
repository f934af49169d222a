import { defineErrors } from '../../common/errors/index.js';

export const runErrors = defineErrors('runs', {
  not_found: ['not_found', 'There is no such run, or it is not yours to see.'],
  quota_exceeded: ['conflict', 'As many runs are running as may. Stop one, or ask for more.'],
});
