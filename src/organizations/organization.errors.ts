import { defineErrors } from '../common/errors/index.js';

export const organizationErrors = defineErrors('organizations', {
  no_seat_left: [
    'conflict',
    'All seats of this organization are taken. Remove somebody, take an invitation back, or get more.',
  ],
  not_found: ['not_found', 'There is no such organization, or it is not yours to see.'],
  slug_taken: ['conflict', 'Another organization has this slug. One that is waiting for its purge keeps its slug.'],
  external_id_taken: [
    'conflict',
    'Another organization has this externalId. One that is waiting for its purge keeps its externalId.',
  ],
  slug_immutable: ['forbidden', 'Only operator staff can change a slug.'],
  confirmation_mismatch: ['unprocessable', 'Type the name exactly as it is to confirm the deletion.'],
  suspended: ['forbidden', 'This organization is suspended. Ask the operator.'],
  pending_deletion: ['conflict', 'This organization is waiting for its purge. Restore it first.'],
  purge_started: ['conflict', 'This organization is being purged and cannot be restored any more.'],
  limit_reached: ['forbidden', 'You have created as many organizations as you may. Ask the operator for more.'],
});
