import { defineErrors } from '../common/errors/index.js';

export const unitErrors = defineErrors('units', {
  not_found: ['not_found', 'There is no such unit, or it is not yours to see.'],
  slug_taken: [
    'conflict',
    'Another unit of this organization has this slug. One that is waiting for its purge keeps its slug.',
  ],
  external_id_taken: [
    'conflict',
    'Another unit of this organization has this externalId. One that is waiting for its purge keeps its externalId.',
  ],
  slug_immutable: ['forbidden', 'Only operator staff can change a slug.'],
  confirmation_mismatch: ['unprocessable', 'Type the name exactly as it is to confirm the deletion.'],
  limit_reached: ['conflict', 'The plan of this organization allows no more units. Delete one, or get more.'],
  suspended: ['forbidden', 'This unit is suspended. Ask an admin of the organization.'],
  pending_deletion: ['conflict', 'This unit is waiting for its purge. Restore it first.'],
  purge_started: ['conflict', 'This unit is being purged and cannot be restored any more.'],
});
