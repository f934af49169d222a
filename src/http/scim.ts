import type { FieldError } from '../common/errors/index.js';

/** The media type of SCIM 2.0 (RFC 7644). */
export const SCIM_TYPE = 'application/scim+json';
/** Limit of a SCIM request in bytes: a group with 5,000 members, each with its name and URL. */
export const SCIM_BODY_LIMIT = 2 * 1024 * 1024;
const ERROR_URN = 'urn:ietf:params:scim:api:messages:2.0:Error';

const PATH = /^\/t\/[^/?]*\/api\/v1\/organizations\/[^/?]*\/scim\/v2(?=[/?]|$)/;

/** Tells whether clients expect responses in the format of RFC 7644, including errors of the frame. */
export const isScimPath = (url: string): boolean => PATH.test(url);

interface ScimRefusal {
  status: number;
  code: string;
  detail: string;
  requestId: string;
  errors?: FieldError[] | undefined;
  data?: Record<string, unknown> | undefined;
}

/** Builds an error of RFC 7644, 3.12, with `code`, `requestId` and the other members of a problem document. */
export function scimErrorOf({ status, code, detail, requestId, errors, data }: ScimRefusal): object {
  const unreadable = code === 'malformed_request' || code === 'validation_failed';
  return {
    ...(unreadable && { scimType: 'invalidSyntax' }),
    ...data,
    schemas: [ERROR_URN],
    status: String(status),
    detail,
    code,
    requestId,
    ...(errors && { errors }),
  };
}

/** Removes the slash at the end of a SCIM path, which some identity providers send. */
export const withoutScimSlash = (url: string): string =>
  isScimPath(url) ? url.replace(/^([^?]*[^/?])\/+(?=\?|$)/, '$1') : url;
