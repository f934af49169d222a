import { defineErrors } from '../../common/errors/index.js';

export const roleTemplateErrors = defineErrors('role_templates', {
  not_found: ['not_found', 'This role template does not exist.'],
  key_taken: ['conflict', 'Another role template of this operator has this key. Choose a different one.'],
  in_use: ['conflict', 'Members, invitations or access rules use this role. Give a replacement template.'],
  limit_reached: ['conflict', 'There can be at most 100 role templates. Remove one first.'],
});
