import { type AppError, defineErrors } from '../../common/errors/index.js';

export const scimErrors = defineErrors('scim', {
  invalid_filter: ['invalid', 'The filter is not valid. Check its syntax and that its attributes can be filtered by.'],
  invalid_path: ['invalid', 'The path does not name an attribute of this resource.'],
  invalid_value: ['invalid', 'A value is missing or not valid for its attribute.'],
  invalid_syntax: ['invalid', 'The body is not a valid SCIM 2.0 request.'],
  no_target: ['invalid', 'The operation does not match any value. Give a path that names an existing one.'],
  read_only: ['invalid', 'This attribute is read-only. Remove it from the request.'],
  bulk_id_unresolved: [
    'conflict',
    'A bulkId in this operation names no resource that was created. Correct it, and repeat the operation.',
  ],
  resource_not_found: ['not_found', 'This resource does not exist.'],
  user_name_taken: ['conflict', 'Another user of this organization has this userName. Choose a different one.'],
  account_taken: ['conflict', 'This account is a user of the organization already. Update that user instead.'],
  display_name_taken: ['conflict', 'Another group of this organization has this displayName. Choose a different one.'],
  limit_reached: ['conflict', 'An organization can have at most 5000 groups. Delete one first.'],
  domain_not_verified: [
    'forbidden',
    'The address is not in a verified domain of this organization. Verify the domain, or invite the user.',
  ],
  break_glass: [
    'conflict',
    'This admin has emergency access in case the identity provider fails. Remove them from breakGlassUserIds first.',
  ],
});

/** Builds a refusal that carries `scimType` (RFC 7644, table 9). */
const typed =
  (code: keyof typeof scimErrors, scimType: string) =>
  (detail?: string): AppError =>
    scimErrors[code]({ data: { scimType }, ...(detail && { detail }) });

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
