import { AppError, defineErrors } from '../../common/errors/index.js';

export const roleErrors = defineErrors('roles', {
  not_found: ['not_found', 'There is no such role in this organization.'],
  key_taken: ['conflict', 'Another role of this organization has this key.'],
  name_taken: [
    'conflict',
    'Another role of this organization, or a built-in role, has this name. Choose another name.',
  ],
  read_only: ['conflict', 'This role is not made here and cannot be changed here.'],
  in_use: ['conflict', 'Members, invitations, access rules or API keys have it. Name a role that takes its place.'],
  permission_not_held: ['forbidden', 'You cannot give or take a permission that you do not hold yourself.'],
  not_assignable: [
    'unprocessable',
    'user, manager and admin are given as `role`: everybody has exactly one of them. `roleIds` takes the others.',
  ],
  limit_reached: ['conflict', 'There are at most 100 of these roles. Remove one first.'],
});

/** The code is the roles' own; in a body that names roles it is the body that is wrong, and not the path. */
export const unknownRoles = (roleIds: string[]): AppError =>
  new AppError('unprocessable', 'roles.not_found', 'There is no such role in this organization.', {
    data: { roleIds },
  });
