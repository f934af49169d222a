import { defineErrors } from '../common/errors/index.js';

export const unitErrors = defineErrors('units', {
  not_found: ['not_found', 'This unit does not exist, or you cannot see it.'],
  slug_taken: [
    'conflict',
    'Another unit of this organization has this slug. Units that are scheduled for deletion keep their slug until they are purged.',
  ],
  external_id_taken: [
    'conflict',
    'Another unit of this organization has this externalId. Units that are scheduled for deletion keep it until they are purged.',
  ],
  slug_immutable: ['forbidden', 'Only operator staff can change a slug. Ask the operator.'],
  confirmation_mismatch: ['unprocessable', 'Enter the exact name to confirm the deletion.'],
  limit_reached: ['conflict', 'The unit limit of this organization is reached. Delete a unit, or raise the limit.'],
  suspended: ['forbidden', 'This unit is suspended. Ask an admin of the organization.'],
  pending_deletion: ['conflict', 'This unit is scheduled for deletion. Restore it first.'],
  purge_started: ['conflict', 'This unit is being purged and can no longer be restored.'],
});
