import { defineErrors } from '../../common/errors/index.js';

export const apiKeyErrors = defineErrors('api_keys', {
  not_found: ['not_found', 'There is no such API key in this organization.'],
  units_required: ['forbidden', 'You do not reach all units. Name the ones the key is for.'],
  limit_reached: ['conflict', 'An organization has at most 500 API keys at once. Revoke one first.'],
});
