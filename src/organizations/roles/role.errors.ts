import { AppError, defineErrors } from '../../common/errors/index.js';

export const roleErrors = defineErrors('roles', {
  not_found: ['not_found', 'This role does not exist in this organization.'],
  key_taken: ['conflict', 'Another role of this organization has this key.'],
  name_taken: [
    'conflict',
    'Another role of this organization, or a built-in role, has this name. Choose another name.',
  ],
  read_only: ['conflict', 'This role does not belong to the organization and cannot be changed here.'],
  in_use: ['conflict', 'Members, invitations, access rules or API keys use this role. Give a replacement role.'],
  permission_not_held: ['forbidden', 'You can only grant or revoke permissions that you hold yourself.'],
  not_assignable: ['unprocessable', 'user, manager and admin cannot be in `roleIds`. Give one of them as `role`.'],
  limit_reached: ['conflict', 'The limit of custom roles of this organization is reached. Delete one first.'],
});

/** Reports unknown roles in a body as 422, because the body is wrong and not the path. */
export const unknownRoles = (roleIds: string[]): AppError =>
  new AppError('unprocessable', 'roles.not_found', 'This role does not exist in this organization.', {
    data: { roleIds },
  });
