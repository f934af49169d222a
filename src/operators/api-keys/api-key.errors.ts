import { defineErrors } from '../../common/errors/index.js';

export const apiKeyErrors = defineErrors('api_keys', {
  not_found: ['not_found', 'This API key does not exist here.'],
  units_required: ['forbidden', 'You do not have access to all units. List the units of the key in unitIds.'],
  permission_not_available: [
    'unprocessable',
    'A key for some units cannot have this permission. Leave unitIds out, or choose other permissions.',
  ],
  limit_reached: ['conflict', 'The limit of active API keys is reached. Revoke one first.'],
  not_active: ['conflict', 'This API key is revoked or has expired. Create a new one.'],
});
