import { applyDecorators, Header } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { SCIM_TYPE } from '../../http/index.js';
import { GROUP_URN, USER_URN } from './attributes.js';

const text = { type: 'string' } as const;
/** Directories send null for what is not set. */
const emptyText = { type: 'string', nullable: true } as const;
/** Entra ID sends `"True"` and `"False"`. */
const flag = {
  anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$' }],
} as const;
/** Extensions are accepted and ignored. */
const schemasWith = (urn: string) => ({ type: 'array', items: text, contains: { const: urn }, example: [urn] });

export const USER_BODY = {
  type: 'object',
  required: ['userName'],
  additionalProperties: true,
  properties: {
    schemas: schemasWith(USER_URN),
    userName: { type: 'string', example: 'ada@acme.example' },
    externalId: emptyText,
    displayName: emptyText,
    active: flag,
    name: {
      type: 'object',
      properties: { formatted: emptyText, givenName: emptyText, familyName: emptyText },
    },
    emails: {
      type: 'array',
      items: {
        type: 'object',
        properties: { value: { type: 'string', format: 'idn-email' }, type: emptyText, primary: flag },
      },
    },
  },
} as const;

export const GROUP_BODY = {
  type: 'object',
  required: ['displayName'],
  additionalProperties: true,
  properties: {
    schemas: schemasWith(GROUP_URN),
    displayName: text,
    externalId: emptyText,
    members: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          value: {
            ...text,
            description: 'The id of a user. Users who do not belong to the organization are left out.',
          },
        },
      },
    },
  },
} as const;

export const PATCH_BODY = {
  type: 'object',
  required: ['Operations'],
  additionalProperties: true,
  properties: {
    schemas: schemasWith('urn:ietf:params:scim:api:messages:2.0:PatchOp'),
    Operations: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['op'],
        properties: {
          op: {
            type: 'string',
            pattern: '^([Aa][Dd][Dd]|[Rr][Ee][Pp][Ll][Aa][Cc][Ee]|[Rr][Ee][Mm][Oo][Vv][Ee])$',
            description: '`add`, `replace` or `remove`, in any case.',
            example: 'replace',
          },
          path: { type: 'string', example: 'active' },
          value: {},
        },
      },
    },
  },
} as const;

const method = { type: 'string' as const, enum: ['POST', 'PUT', 'PATCH', 'DELETE'] };

export const BULK_BODY = {
  type: 'object',
  required: ['Operations'],
  additionalProperties: true,
  properties: {
    schemas: schemasWith('urn:ietf:params:scim:api:messages:2.0:BulkRequest'),
    failOnErrors: {
      type: 'integer',
      minimum: 1,
      description: 'How many errors end the request. If left out, all operations are carried out.',
    },
    Operations: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [
          {
            type: 'object',
            properties: {
              method,
              bulkId: {
                ...text,
                description:
                  'Names the resource that a POST creates. Other operations refer to it as `bulkId:` with this name, in `path` or as a `value`, also before it.',
              },
              path: {
                type: 'string',
                description: '`/Users` or `/Groups`, with an id except for POST.',
                example: '/Users',
              },
              version: { ...text, description: 'The version that the resource must have.' },
              data: { description: 'The body of the operation.' },
            },
          },
          { description: 'Anything else has a result of its own, with the status 400.' },
        ],
      },
    },
  },
} as const;

export const TakesScim = (schema: object) =>
  applyDecorators(ApiConsumes(SCIM_TYPE, 'application/json'), ApiBody({ schema }));

/** Responds as RFC 7644 says, also with errors. */
export const AnswersScim = () => applyDecorators(Header('content-type', SCIM_TYPE), ApiProduces(SCIM_TYPE));

export const TakesProjection = () =>
  applyDecorators(
    ApiQuery({ name: 'attributes', required: false, schema: text, description: 'Return only these attributes.' }),
    ApiQuery({
      name: 'excludedAttributes',
      required: false,
      schema: text,
      description: 'Attributes to leave out, for example `members`.',
    }),
  );

export const TakesListQuery = () =>
  applyDecorators(
    ApiQuery({
      name: 'filter',
      required: false,
      schema: text,
      description:
        'A filter of RFC 7644, 3.4.2.2, for example `userName eq "ada@acme.example"`. Attributes that cannot be filtered by are refused.',
    }),
    ApiQuery({
      name: 'sortBy',
      required: false,
      schema: text,
      description:
        'An attribute to sort by, for example `name.familyName`. Of users `userName`, `displayName`, `name.familyName` and others that can be filtered by, of groups `displayName`; of both `id`, `externalId`, `meta.created` and `meta.lastModified`.',
    }),
    ApiQuery({
      name: 'sortOrder',
      required: false,
      schema: { type: 'string', enum: ['ascending', 'descending'], default: 'ascending' },
      description: 'Only with `sortBy`. Resources without the attribute come last, or first when descending.',
    }),
    ApiQuery({
      name: 'startIndex',
      required: false,
      schema: { type: 'integer' },
      description: 'Position of the first result, from 1.',
    }),
    ApiQuery({ name: 'count', required: false, schema: { type: 'integer' }, description: 'At most 200.' }),
    TakesProjection(),
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
export const BULK_RESPONSE = {
  schema: {
    ...base,
    required: ['schemas', 'Operations'] as string[],
    properties: {
      schemas: { type: 'array', items: text },
      Operations: {
        type: 'array',
        description: 'In the order of the request, without operations that `failOnErrors` left out.',
        items: {
          type: 'object',
          required: ['status'] as string[],
          properties: {
            method,
            bulkId: text,
            location: text,
            version: text,
            status: { ...text, description: 'The HTTP status of the operation.', example: '201' },
            response: { ...base, description: 'The error of an operation that was refused.' },
          },
        },
      },
    },
  },
} as const;
