const PROBLEM = 'application/problem+json';
const MEMBERS = {
  type: 'string',
  title: 'string',
  status: 'number',
  detail: 'string',
  code: 'string',
  requestId: 'string',
};
/** Texts that reveal internals of the server or its data. */
const LEAKS = [
  /node_modules/,
  /\n? {4}at \S+ \(/,
  /QueryFailedError/,
  /\$argon2/,
  /relation "\w+"/,
  /syntax error at or near/i,
  /-----BEGIN/,
];
/** Statuses that any operation may return without documenting them. */
const GENERIC = new Set([304, 400, 404, 405, 408, 413, 414, 415, 417, 429, 431, 503]);

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Returns whether the server may close the connection instead of responding: the body is too large or the request malformed. */
const mayBeCut = (request) =>
  request.method === 'CONNECT' || (request.body?.length ?? 0) > 900_000 || Boolean(request.wire);

/** Returns the names of the rules that a response breaks. */
export function faultsOf(request, answer) {
  if (answer.failure) return mayBeCut(request) && answer.failure === 'closed' ? [] : [`no response: ${answer.failure}`];
  const { status, headers, body } = answer;
  const text = body.toString('utf8');
  const faults = [];
  if (!headers['x-request-id']) faults.push('no X-Request-Id');
  if (status >= 500 && !(status === 503 && headers['retry-after'])) faults.push(`status ${status}`);
  const errorFaults =
    SCIM_PATH.test(request.target) && headers['content-type'] !== PROBLEM ? scimFaults : problemFaults;
  if (status >= 400 && request.method !== 'HEAD') faults.push(...errorFaults(status, headers, text));
  if (status === 401 && !headers['www-authenticate']) faults.push('401 without WWW-Authenticate');
  if (status === 405 && !headers.allow) faults.push('405 without Allow');
  if (status === 429 && !headers['retry-after']) faults.push('429 without Retry-After');
  if (
    status < 300 &&
    body.length > 0 &&
    headers['content-type']?.startsWith('application/json') &&
    parsed(text) === undefined
  ) {
    faults.push('invalid JSON');
  }
  if (body.length < 500_000 && LEAKS.some((leak) => leak.test(text))) faults.push('leaked internals');
  return faults;
}

const SCIM = 'application/scim+json';
const SCIM_PATH = /^\/t\/[^/?]*\/api\/v1\/organizations\/[^/?]*\/scim\/v2(?=[/?]|$)/;
const SCIM_MEMBERS = { schemas: 'object', status: 'string', detail: 'string', code: 'string', requestId: 'string' };

/** Checks a SCIM error (RFC 7644, 3.12). */
function scimFaults(status, headers, text) {
  if (headers['content-type'] !== SCIM) return [`an error with content type ${headers['content-type'] ?? 'none'}`];
  const error = parsed(text);
  if (typeof error !== 'object' || error === null) return ['an error that is not JSON'];
  const wrong = Object.entries(SCIM_MEMBERS).filter(([name, type]) => typeof error[name] !== type);
  if (wrong.length > 0) return [`an error without ${wrong.map(([name]) => name).join(', ')}`];
  return error.status === String(status) ? [] : ['an error with another status'];
}

function problemFaults(status, headers, text) {
  if (headers['content-type'] !== PROBLEM) return [`an error with content type ${headers['content-type'] ?? 'none'}`];
  const problem = parsed(text);
  if (typeof problem !== 'object' || problem === null) return ['a problem that is not JSON'];
  const wrong = Object.entries(MEMBERS).filter(([name, type]) => typeof problem[name] !== type);
  if (wrong.length > 0) return [`a problem without ${wrong.map(([name]) => name).join(', ')}`];
  const faults = [];
  if (problem.status !== status) faults.push('a problem with another status');
  if (problem.requestId !== headers['x-request-id']) faults.push('a problem with another requestId');
  if (problem.errors !== undefined && !Array.isArray(problem.errors))
    faults.push('a problem whose errors are not a list');
  return faults;
}

/** Returns whether the operation does not document this status. */
export const isUndocumented = (request, { status }) =>
  status !== undefined &&
  !request.bent.some((what) => /^(method|wire)/.test(what)) &&
  !GENERIC.has(status) &&
  !request.statuses.includes(status);
