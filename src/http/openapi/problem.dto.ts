import { ApiProperty } from '@nestjs/swagger';
import { FIELD_ERRORS, type FieldErrorCode } from '../../common/errors/index.js';

const PARAMETERS = Object.entries<readonly string[]>(FIELD_ERRORS)
  .filter(([, names]) => names.length > 0)
  .map(([code, names]) => `\`${code}\`: \`${names.join('`, `')}\``)
  .join('; ');

export class ProblemField {
  @ApiProperty({
    description: 'Path in the request, with dots between levels. Empty for the body as a whole.',
    example: 'address.city',
  })
  field: string;

  @ApiProperty({ description: 'A text for people. It may change.', example: 'city must be a string' })
  message: string;

  @ApiProperty({
    enum: Object.keys(FIELD_ERRORS),
    enumName: 'FieldErrorCode',
    description: 'What is wrong, for programs. New codes may be added.',
    example: 'too_short',
  })
  code: FieldErrorCode;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    required: false,
    description: `Parameters of the code. ${PARAMETERS}`,
    example: { min: 8 },
  })
  params?: Record<string, unknown>;
}

/** Documents the body of every error for openapi.json. */
export class Problem {
  @ApiProperty({ format: 'uri-reference', example: '/docs/errors#validation_failed' })
  type: string;

  @ApiProperty({ example: 'Bad Request' })
  title: string;

  @ApiProperty({ type: 'integer', example: 400 })
  status: number;

  @ApiProperty({ description: 'A text for people. It may change.', example: 'The request is not valid.' })
  detail: string;

  @ApiProperty({ description: 'A code for programs. Codes never change.' })
  code: string;

  @ApiProperty({ description: 'The `X-Request-Id` of the response. Include it in support requests.' })
  requestId: string;

  @ApiProperty({ type: [ProblemField], required: false, description: 'The invalid fields.' })
  errors?: ProblemField[];
}

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const ids = { type: 'array', items: { type: 'string', format: 'uuid' } };
const credits = { type: 'string', description: 'Credits.', example: '12.5' };
const count = { type: 'integer' };
const open = { type: 'object', additionalProperties: true };

/** Additional members of some errors. The description names the codes that have them. */
export const PROBLEM_EXTENSIONS: Record<string, object> = {
  accessRules: { ...count, description: '`roles.in_use`: number of access rules that grant the role.' },
  allowed: { ...texts, description: '`top_ups.return_url_not_allowed`: the origins that are allowed.' },
  missing: { ...texts, description: '`sso.signature_invalid`: what was not signed: `response`, `assertion`.' },
  allowedMethods: { ...texts, description: '`auth.method_not_allowed`: the sign-in methods that are allowed.' },
  allowedMfaMethods: { ...texts, description: '`auth.mfa_required`: the second factors that are accepted.' },
  available: { ...credits, description: 'Credits that can be spent.' },
  blockedBy: { ...text, description: 'The exhausted resource: `balance`, or the scope of a limit.' },
  claim: { ...text, description: '`sso.claim_missing`: the missing claim.' },
  connectionId: {
    type: 'string',
    format: 'uuid',
    description: '`auth.step_up_required` with the method `sso`: the connection to sign in by again.',
  },
  domain: { ...text, description: '`access_rules.domain_not_proved`: the domain that is not proved.' },
  error: {
    ...text,
    description:
      '`auth.invalid_client`, `auth.authorization_pending` and the like: the error code of RFC 6749 or RFC 8628.',
  },
  held: { ...credits, description: '`billing.capture_exceeds_hold`: the credits of the hold.' },
  interval: {
    type: 'integer',
    description: '`auth.authorization_pending`, `auth.slow_down`: seconds to wait before the next poll.',
  },
  invitations: { ...count, description: '`roles.in_use`: number of invitations that grant the role.' },
  limit: { description: 'The limit that was reached.', oneOf: [{ type: 'integer' }, open] },
  locked: { ...open, description: 'Fields that a level above locks, with that level.' },
  maxAgeSeconds: { type: 'integer', description: '`auth.step_up_required`: how long a re-authentication is valid.' },
  maxMinor: { type: 'integer', description: '`top_ups.amount_too_large`: the largest amount, in minor units.' },
  minMinor: { type: 'integer', description: '`top_ups.amount_too_small`: the smallest amount, in minor units.' },
  currency: { type: 'string', description: '`top_ups.amount_too_large`, `top_ups.amount_too_small`: its currency.' },
  members: { ...count, description: '`roles.in_use`: number of members with the role.' },
  method: { ...text, description: '`auth.method_not_allowed`: how the session was opened.' },
  methods: { ...texts, description: '`auth.step_up_required`: the accepted methods of re-authentication.' },
  minLength: { type: 'integer', description: '`auth.password_too_short`: the minimum length.' },
  organizationId: {
    type: ['string', 'null'],
    format: 'uuid',
    description: 'The organization whose settings forbid this.',
  },
  organizationIds: {
    ...ids,
    description:
      '`auth_settings.would_close_organizations`: some of these organizations. `content.unknown_organization`: those that do not exist.',
  },
  organizations: {
    type: 'array',
    items: open,
    description:
      '`auth.organization_selection_required`: the organizations to choose from. `users.last_admin`: those without another admin.',
  },
  owed: { ...credits, description: '`billing.frozen`: the owed credits.' },
  permission: { ...text, description: '`auth.forbidden`: the missing permission.' },
  permissions: {
    ...texts,
    description:
      '`roles.permission_not_held`: the permissions that you do not hold. `api_keys.permission_not_available`: those that the key cannot have.',
  },
  providerError: { ...text, description: 'The error code of the identity provider.' },
  reason: { ...text, description: '`top_ups.provider_refused`: the code of the payment provider.' },
  record: { ...open, description: '`domains.record_not_found`: the expected DNS record.' },
  refundable: { ...credits, description: '`billing.refund_exceeds_charge`: the credits that can still be refunded.' },
  roleIds: { ...texts, description: 'The ids or keys of the roles concerned.' },
  seats: { type: ['integer', 'null'], description: '`organizations.no_seat_left`: the number of seats of the plan.' },
  selectionToken: {
    ...text,
    description: '`auth.organization_selection_required`: for `POST …/auth/select-organization`.',
  },
  shortfall: { ...credits, description: 'Credits that are missing.' },
  state: { ...text, description: 'The current state, which does not allow this.' },
  support: { ...open, description: "`organizations.limit_reached`: the operator's contact." },
  topUpId: { type: 'string', format: 'uuid', description: 'The top-up that could not be started.' },
  unitIds: { ...ids, description: 'The units concerned.' },
  units: { type: ['integer', 'null'], description: '`units.limit_reached`: the number of allowed units.' },
  userIds: { ...ids, description: '`auth_settings.break_glass_not_admin`: the users who are not admins.' },
};

export const SCIM_ERROR = 'ScimError';

/** The schema that lists all error codes. */
export const ERROR_CODE = 'ErrorCode';

/** RFC 7644, 3.12, with the additional members of a problem document that clients need. */
export const SCIM_ERROR_SCHEMA = {
  type: 'object',
  required: ['schemas', 'status', 'detail', 'code', 'requestId'],
  properties: {
    schemas: texts,
    status: { type: 'string', example: '400' },
    scimType: { type: 'string', example: 'invalidSyntax' },
    detail: text,
    code: { $ref: `#/components/schemas/${ERROR_CODE}` },
    requestId: text,
    errors: { type: 'array', items: { $ref: `#/components/schemas/${ProblemField.name}` } },
  },
};
