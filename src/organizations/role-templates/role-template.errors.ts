import { defineErrors } from '../../common/errors/index.js';

export const roleTemplateErrors = defineErrors('role_templates', {
  not_found: ['not_found', 'There is no such role template.'],
  key_taken: ['conflict', 'Another role template of this operator has this key.'],
  in_use: ['conflict', 'Members, invitations or access rules have this role. Name a template that takes its place.'],
  limit_reached: ['conflict', 'There are at most 100 role templates. Remove one first.'],
});
