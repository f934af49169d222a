import { defineErrors } from '../../common/errors/index.js';

export const runErrors = defineErrors('runs', {
  not_found: ['not_found', 'No run with this id exists, or you are not allowed to see it.'],
  quota_exceeded: ['conflict', 'The limit of concurrent runs is reached. Stop a run or request a higher limit.'],
});
