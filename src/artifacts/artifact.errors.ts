import { defineErrors } from '../common/errors/index.js';

export const artifactErrors = defineErrors('artifacts', {
  not_found: ['not_found', 'This artifact does not exist, or you cannot see it.'],
  run_not_found: ['unprocessable', 'This run does not exist in this unit.'],
  limit_reached: ['conflict', 'This organization has too many artifacts. Delete some that are no longer needed.'],
  not_own: ['forbidden', 'Only managers of the unit can delete artifacts that others registered.'],
});
