import { applyDecorators, Header } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { SCIM_TYPE } from '../http/index.js';
import { GROUP_URN, USER_URN } from './schema/attributes.js';

const text = { type: 'string' } as const;

const USER_BODY = {
  type: 'object',
  required: ['userName'],
  additionalProperties: true,
  properties: {
    schemas: { type: 'array', items: { type: 'string', enum: [USER_URN] } },
    userName: { type: 'string', example: 'ada@acme.example' },
    externalId: text,
    displayName: text,
    active: { type: 'boolean' },
    name: { type: 'object', properties: { formatted: text, givenName: text, familyName: text } },
    emails: {
      type: 'array',
      items: {
        type: 'object',
        properties: { value: { type: 'string', format: 'email' }, type: text, primary: { type: 'boolean' } },
      },
    },
  },
} as const;

const GROUP_BODY = {
  type: 'object',
  required: ['displayName'],
  additionalProperties: true,
  properties: {
    schemas: { type: 'array', items: { type: 'string', enum: [GROUP_URN] } },
    displayName: text,
    externalId: text,
    members: { type: 'array', items: { type: 'object', properties: { value: { type: 'string', format: 'uuid' } } } },
  },
} as const;

const PATCH_BODY = {
  type: 'object',
  required: ['Operations'],
  additionalProperties: true,
  properties: {
    schemas: { type: 'array', items: { type: 'string', enum: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] } },
    Operations: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['op'],
        properties: {
          op: { type: 'string', enum: ['add', 'replace', 'remove'] },
          path: { type: 'string', example: 'active' },
          value: {},
        },
      },
    },
  },
} as const;

const takes = (schema: object) => applyDecorators(ApiConsumes(SCIM_TYPE, 'application/json'), ApiBody({ schema }));

export const TakesUser = () => takes(USER_BODY);
export const TakesGroup = () => takes(GROUP_BODY);
export const TakesPatch = () => takes(PATCH_BODY);

/** Answers as RFC 7644 says, errors too. */
export const AnswersScim = () =>
  applyDecorators(Header('content-type', SCIM_TYPE), ApiProduces(SCIM_TYPE), ApiExtension('x-scim', true));

const projection = [
  ApiQuery({ name: 'attributes', required: false, schema: text, description: 'The only ones to answer with.' }),
  ApiQuery({
    name: 'excludedAttributes',
    required: false,
    schema: text,
    description: 'Those to leave out: `members`.',
  }),
];

export const TakesProjection = () => applyDecorators(...projection);

export const TakesListQuery = () =>
  applyDecorators(
    ApiQuery({
      name: 'filter',
      required: false,
      schema: text,
      description: 'RFC 7644, 3.4.2.2: `userName eq "ada@acme.example"`. What cannot be filtered by is refused.',
    }),
    ApiQuery({ name: 'startIndex', required: false, schema: { type: 'integer' }, description: 'From 1 on.' }),
    ApiQuery({ name: 'count', required: false, schema: { type: 'integer' }, description: 'At most 200.' }),
    ...projection,
  );

const base = { type: 'object', additionalProperties: true } as const;
export const RESOURCE = {
  schema: { ...base, properties: { id: text, schemas: { type: 'array', items: text } } },
} as const;
export const LIST = {
  schema: {
    ...base,
    properties: {
      totalResults: { type: 'integer' },
      startIndex: { type: 'integer' },
      itemsPerPage: { type: 'integer' },
      Resources: { type: 'array', items: base },
    },
  },
} as const;
export const SCIM_PATH = 't/:operator/api/v1/organizations/:orgId/scim/v2';
/** Only admins and SCIM keys pass. */
export const ENTRANCE = ['members.role_above_own'];
