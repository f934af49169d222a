import { type AppError, defineErrors } from '../common/errors/index.js';

export const scimErrors = defineErrors('scim', {
  invalid_filter: ['invalid', 'This filter is not understood.'],
  invalid_path: ['invalid', 'This path names no attribute.'],
  invalid_value: ['invalid', 'A value is missing or is not one this attribute can have.'],
  invalid_syntax: ['invalid', 'The request is not one of SCIM 2.0.'],
  no_target: ['invalid', 'The operation does not say what it is about.'],
  read_only: ['invalid', 'This attribute cannot be changed.'],
  resource_not_found: ['not_found', 'There is no such resource.'],
  user_name_taken: ['conflict', 'Another user of this organization has this userName.'],
  account_taken: ['conflict', 'This person is a user of this organization already.'],
  display_name_taken: ['conflict', 'Another group of this organization has this displayName.'],
  limit_reached: ['conflict', 'An organization has at most 5000 groups. Delete one first.'],
  domain_not_verified: [
    'forbidden',
    'The address belongs to somebody outside the domains this organization has proved. Prove the domain, or invite him.',
  ],
  address_kept: ['forbidden', 'The address of this account is not for an identity provider to change.'],
  break_glass: [
    'conflict',
    'This admin is to get in when the identity provider is wrong. Take him off breakGlassUserIds first.',
  ],
});

/** `scimType` of RFC 7644, table 9. */
const typed =
  (code: keyof typeof scimErrors, scimType: string) =>
  (detail?: string): AppError =>
    scimErrors[code]({ data: { scimType }, ...(detail && { detail }) });

/** The refusals that have a `scimType`. */
export const refused = {
  filter: typed('invalid_filter', 'invalidFilter'),
  path: typed('invalid_path', 'invalidPath'),
  value: typed('invalid_value', 'invalidValue'),
  syntax: typed('invalid_syntax', 'invalidSyntax'),
  noTarget: typed('no_target', 'noTarget'),
  readOnly: typed('read_only', 'mutability'),
  userName: typed('user_name_taken', 'uniqueness'),
  account: typed('account_taken', 'uniqueness'),
  displayName: typed('display_name_taken', 'uniqueness'),
};
