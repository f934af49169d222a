import { defineErrors } from '../common/errors/index.js';

export const organizationErrors = defineErrors('organizations', {
  no_seat_left: [
    'conflict',
    'All seats of this organization are taken. Remove a member, revoke an invitation, or get more seats.',
  ],
  not_found: ['not_found', 'This organization does not exist, or you cannot see it.'],
  slug_taken: [
    'conflict',
    'Another organization has this slug. Organizations that are scheduled for deletion keep their slug until they are purged.',
  ],
  external_id_taken: [
    'conflict',
    'Another organization has this externalId. Organizations that are scheduled for deletion keep it until they are purged.',
  ],
  slug_immutable: ['forbidden', 'Only operator staff can change a slug. Ask the operator.'],
  external_id_staff_only: [
    'forbidden',
    'Only operator staff can set the externalId of an organization. Ask the operator.',
  ],
  confirmation_mismatch: ['unprocessable', 'Enter the exact name to confirm the deletion.'],
  suspended: ['forbidden', 'This organization is suspended. Ask the operator.'],
  pending_deletion: ['conflict', 'This organization is scheduled for deletion. Restore it first.'],
  unsubscribe_link_invalid: [
    'unprocessable',
    'This link is incomplete or too old. Sign in and open Notifications in your account.',
  ],
  purge_started: ['conflict', 'This organization is being purged and can no longer be restored.'],
  limit_reached: [
    'forbidden',
    'You have reached the limit of organizations you can create. Ask the operator to raise it.',
  ],
});
