import { applyDecorators, Delete, Get, HttpCode, Patch, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type PermissionAt, Requires } from '../../common/access/index.js';
import { AnyRequest, ApiErrors } from '../../http/index.js';
import {
  AnswersScim,
  BULK_BODY,
  BULK_RESPONSE,
  LIST,
  PATCH_BODY,
  RESOURCE,
  TakesListQuery,
  TakesProjection,
  TakesScim,
} from './scim.openapi.js';

export const SCIM_PATH = 't/:operator/api/v1/organizations/:orgId/scim/v2';
/** Only admins and SCIM keys have access. */
const ACCESS_ERRORS = ['members.role_above_own'];
const BODY_ERRORS = ['scim.invalid_value', 'scim.invalid_syntax'];

interface OperationText {
  summary: string;
  description?: string;
}

const operation = (
  permission: PermissionAt<'organization'>,
  text: OperationText,
  errors: string[],
  ...decorators: MethodDecorator[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation(text),
    Requires('organization', permission),
    ApiErrors(...errors, ...ACCESS_ERRORS),
    ...decorators,
  );

/** Decorates an operation that describes the service itself (RFC 7644, 4). */
export const ScimDiscovery = (path: string, text: OperationText, response: object, errors: string[] = []) =>
  operation('scim:read', text, errors, Get(path), AnyRequest(), AnswersScim(), ApiOkResponse(response));

/** Decorates the bulk endpoint (RFC 7644, 3.7). */
export const ScimBulk = (text: OperationText) =>
  operation(
    'scim:edit',
    text,
    BODY_ERRORS,
    Post(),
    HttpCode(200),
    TakesScim(BULK_BODY),
    ApiOkResponse(BULK_RESPONSE),
    AnyRequest(),
    AnswersScim(),
  );

interface ResourceRoutes {
  /** Name of the path parameter, such as `scimUserId`. */
  idParameter: string;
  body: object;
  createErrors: string[];
  changeErrors: string[];
  deleteErrors: string[];
}

/** Builds the decorators for the six operations that every SCIM resource type has (RFC 7644, 3.2). */
export function scimRoutes({ idParameter, body, createErrors, changeErrors, deleteErrors }: ResourceRoutes) {
  const scim = [AnyRequest(), AnswersScim()];
  const change = ['scim.resource_not_found', ...changeErrors, ...BODY_ERRORS];
  return {
    List: (text: OperationText) =>
      operation(
        'scim:read',
        text,
        ['scim.invalid_filter', 'scim.invalid_value'],
        Get(),
        TakesListQuery(),
        ApiOkResponse(LIST),
        ...scim,
      ),
    Create: (text: OperationText) =>
      operation(
        'scim:edit',
        text,
        [...createErrors, ...BODY_ERRORS],
        Post(),
        TakesScim(body),
        TakesProjection(),
        ApiCreatedResponse(RESOURCE),
        ...scim,
      ),
    Read: (text: OperationText) =>
      operation(
        'scim:read',
        text,
        ['scim.resource_not_found', 'scim.invalid_value'],
        Get(`:${idParameter}`),
        TakesProjection(),
        ApiOkResponse(RESOURCE),
        ...scim,
      ),
    Replace: (text: OperationText) =>
      operation(
        'scim:edit',
        text,
        change,
        Put(`:${idParameter}`),
        TakesScim(body),
        TakesProjection(),
        ApiOkResponse(RESOURCE),
        ...scim,
      ),
    Update: (text: OperationText) =>
      operation(
        'scim:edit',
        text,
        ['scim.invalid_path', 'scim.invalid_filter', 'scim.no_target', 'scim.read_only', ...change],
        Patch(`:${idParameter}`),
        TakesScim(PATCH_BODY),
        TakesProjection(),
        ApiOkResponse(RESOURCE),
        ...scim,
      ),
    Delete: (text: OperationText) =>
      operation(
        'scim:edit',
        text,
        ['scim.resource_not_found', ...deleteErrors],
        Delete(`:${idParameter}`),
        HttpCode(204),
        ApiNoContentResponse(),
      ),
  };
}
