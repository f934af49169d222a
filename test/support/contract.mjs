// Compares responses with openapi.json. Loaded once per worker (native.mjs), and so each schema is compiled once.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const PREFIX = '#/components/schemas/';
const DOCUMENT = new URL('../../openapi.json', import.meta.url);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;
/** Paths of programs. Pages and links in mails are not documented. */
const API = /^\/(?:t\/[^/]+\/)?(?:api\/v1|scim|webhooks|\.well-known)(?:\/|$)/;
/** Returns the documented path of a route that has two: its controller lists both, and only the first is documented. */
const aliased = (path) =>
  path
    .replace(/(\/organizations\/[^/]+)\/holds(?=\/|$)/, '$1/credits/holds')
    // RFC 8414 3.1 puts the issuer's path behind the well-known part.
    .replace(/^(\/\.well-known\/[^/]+)(\/t\/[^/]+)$/, '$2$1');
/** Its items are checked one by one, and those that are not valid get a result too. */
const CHECKS_ITEMS = 'createChargeBatch';
/** What a path that leads nowhere is answered with. */
const UNROUTED = new Set([400, 401, 404, 405, 429, 503]);

/** References become the names under which the schemas are added. */
const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'), (key, value) =>
  key === '$ref' && typeof value === 'string' && value.startsWith(PREFIX) ? value.slice(PREFIX.length) : value,
);

/** Objects are closed, because a member that a response has and its schema does not is a drift too. */
function close(schema) {
  if (Array.isArray(schema)) return schema.forEach(close);
  if (typeof schema !== 'object' || schema === null) return;
  if (schema.type === 'object' && schema.properties) schema.additionalProperties ??= false;
  Object.values(schema).forEach(close);
}

const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
addFormats.default(ajv);
for (const [name, schema] of Object.entries(document.components.schemas)) {
  close(schema);
  ajv.addSchema(schema, name);
}

const compiled = new WeakMap();
function problemsOf(schema, value) {
  let validate = compiled.get(schema);
  if (!validate) compiled.set(schema, (validate = ajv.compile(schema)));
  if (validate(value)) return [];
  return validate.errors.map(({ instancePath, message, params }) => {
    const detail = params.additionalProperty ?? params.allowedValues ?? '';
    return `${instancePath || '/'} ${message} ${detail}`.trim();
  });
}

const resolve = (part, kind) => (part.$ref ? document.components[kind][part.$ref.split('/').at(-1)] : part);

const lengthOf = (path) => path.split('/').length;

/** By number of segments. Those with the fewest parameters come first: `…/members/me` before `…/members/{userId}`. */
const templates = new Map();
for (const path of Object.keys(document.paths).sort((a, b) => a.split('{').length - b.split('{').length)) {
  const pattern = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
  templates.set(lengthOf(path), [...(templates.get(lengthOf(path)) ?? []), { path, pattern }]);
}

function headerProblems(documented, headers) {
  const problems = [];
  for (const [name, header] of Object.entries(document.components.headers)) {
    const value = headers.get(name);
    if (value === null) continue;
    if (!(name in documented)) problems.push(`the header ${name} is not documented`);
    else if (header.schema.type === 'integer' ? !/^\d+$/.test(value) : problemsOf(header.schema, value).length > 0) {
      problems.push(`the header ${name} is ${value}`);
    }
  }
  if ('X-Request-Id' in documented && !headers.has('x-request-id')) problems.push('the header X-Request-Id is missing');
  return problems;
}

function bodyProblems(content, type, text) {
  if (!content) return text === '' ? [] : ['no body is documented'];
  if (!(type in content)) return [`the type ${type || '(none)'} is not documented`];
  const { schema } = content[type];
  return JSON_TYPE.test(type) && schema ? problemsOf(schema, JSON.parse(text)) : [];
}

function codeProblems(operation, type, text) {
  if (!JSON_TYPE.test(type)) return [];
  const { code } = JSON.parse(text);
  return code === undefined || operation['x-error-codes'].includes(code) ? [] : [`the code ${code} is not documented`];
}

function requestProblems(operation, sent) {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (!schema || sent === undefined || operation.operationId === CHECKS_ITEMS) return [];
  return problemsOf(schema, sent).map((one) => `the accepted body: ${one}`);
}

function responseProblems(operation, { method, status, headers, text, sent }) {
  const found = operation.responses[status];
  if (!found) return [`the status is not documented: ${text.slice(0, 300)}`];
  const response = resolve(found, 'responses');
  const type = (headers.get('content-type') ?? '').split(';')[0].trim();
  return [
    ...headerProblems(response.headers ?? {}, headers),
    ...(method === 'HEAD' ? [] : bodyProblems(response.content, type, text)),
    ...(status >= 400 && method !== 'HEAD' ? codeProblems(operation, type, text) : []),
    ...(status < 300 ? requestProblems(operation, sent) : []),
  ];
}

/** Throws when the response does not match openapi.json. */
export function assertDocumented(exchange) {
  const { method, url, status } = exchange;
  const pathname = aliased(new URL(url).pathname);
  const template = templates.get(lengthOf(pathname))?.find(({ pattern }) => pattern.test(pathname));
  const operation = template && document.paths[template.path][method === 'HEAD' ? 'get' : method.toLowerCase()];
  if (!operation) {
    if (!API.test(pathname) || method === 'OPTIONS' || UNROUTED.has(status)) return;
    throw new Error(`${method} ${pathname} answers ${status} and is not in openapi.json`);
  }
  const problems = responseProblems(operation, exchange);
  if (problems.length === 0) return;
  throw new Error(`${method} ${template.path} answers ${status}, against openapi.json:\n- ${problems.join('\n- ')}`);
}
