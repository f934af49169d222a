import { CONTENT_TYPES, HOSTILE_BODIES, HOSTILE_SEGMENTS, HOSTILE_TEXTS, HOSTILE_UUIDS } from './hostile.mjs';
import { BAD_FILES, GOOD_FILES, HEAVY_FILES, HOSTILE_HEADERS, WIRE_BENDS } from './hostile-http.mjs';
import { Random } from './random.mjs';
import { resolve, toJson, Values } from './values.mjs';

/** Encodes header lines and paths as bytes, one per character. */
const bytes = (text) => Buffer.from(text, 'utf8').toString('latin1');

/** Lists every operation of an OpenAPI document with what is needed to call it. */
function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    ['get', 'put', 'post', 'delete', 'patch'].flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = (operation.parameters ?? []).map((one) => ({ ...one, schema: resolve(document, one.schema) }));
      const content = operation.requestBody?.content ?? {};
      return {
        name: operation.operationId,
        method: method.toUpperCase(),
        path,
        query: parameters.filter((one) => one.in === 'query'),
        headers: parameters.filter((one) => one.in === 'header'),
        pathParameters: parameters.filter((one) => one.in === 'path'),
        body: content['application/json']?.schema ?? null,
        uploads: 'multipart/form-data' in content,
        statuses: Object.keys(operation.responses ?? {}).map(Number),
      };
    }),
  );
}

/** Operations that hash a password. They are called less often and may take longer. */
export const HASHES = /\/auth\/login$/;

/** Generates request `index` of a seed. `scene` provides the actors and known values. */
export class Requests {
  constructor({ document, scene, seed }) {
    this.operations = operationsOf(document);
    this.values = new Values(document, scene.known);
    this.scene = scene;
    this.seed = seed;
  }

  make(index) {
    const random = Random.of(this.seed, index);
    // Each operation once, then those that cost little more often.
    const operation =
      this.operations[index] ?? random.weighted(this.operations.map((one) => [HASHES.test(one.path) ? 0.3 : 1, one]));
    const actor = this.scene.actorFor(operation, random);
    const request = {
      index,
      operation: operation.name,
      route: `${operation.method} ${operation.path}`,
      actor: actor.name,
      method: operation.method,
      target: '',
      headers: [],
      body: null,
      /** What is wrong with it, for the report. */
      bent: [],
      /** Sent twice at the same time, to provoke races. */
      twice: operation.method !== 'GET' && random.chance(0.04),
      statuses: operation.statuses,
    };
    // Most requests have a single defect, so that it is not masked by another.
    const wrong = random.weighted([
      [25, ''],
      [22, 'body'],
      [14, 'query'],
      [10, 'path'],
      [12, 'headers'],
      [4, 'method'],
      [8, 'several'],
      [1, 'wire'],
    ]);
    const bends = (part) => wrong === part || (wrong === 'several' && random.chance(0.5));
    request.target =
      this.path(operation, this.scene.placeFor(actor, random), random, bends('path') && request) +
      this.query(operation, random, bends('query') && request);
    this.addHeaders(request, operation, actor, random, bends('headers'));
    this.addBody(request, operation, random, bends('body'));
    if (bends('method')) this.bendMethod(request, random);
    if (wrong === 'wire') this.bendWire(request, random);
    return request;
  }

  path({ path, pathParameters }, place, random, bent) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const victim = bent && names.length > 0 && random.chance(0.8) ? random.pick(names) : null;
    let target = path.replace(/\{(\w+)\}/g, (_, name) => {
      if (name === victim) {
        bent.bent.push(`path ${name}`);
        return this.badSegment(random);
      }
      const { schema } = pathParameters.find((one) => one.name === name) ?? { schema: {} };
      return encodeURIComponent((random.chance(0.85) && place[name]) || this.values.valid(schema, name, random));
    });
    if (bent && !victim) {
      bent.bent.push('path as a whole');
      target = random.pick([
        (text) => `${text}/`,
        (text) => `/${text}`,
        (text) => text.replaceAll('/', '//'),
        (text) => text.toUpperCase(),
        (text) => `${text}/..`,
        (text) => `${text}/%2e%2e/${random.text(3)}`,
        (text) => `${text}%00`,
        (text) => `${text};x=y`,
        (text) => `${text}#fragment`,
        (text) => `http://evil.example${text}`,
        (text) => `//evil.example${text}`,
        (text) => text.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
        (text) => text.slice(1),
        (text) => `${text}${'/x'.repeat(2_000)}`,
        () => '*',
        () => '/',
        () => `/${'x'.repeat(15_000)}`,
      ])(target);
    }
    return bytes(target);
  }

  badSegment(random) {
    if (random.chance(0.6)) return random.pick(HOSTILE_SEGMENTS).replaceAll(' ', '%20');
    const text = random.chance(0.5) ? random.pick(HOSTILE_UUIDS) : random.pick(HOSTILE_TEXTS).slice(0, 2_000);
    return encode(text);
  }

  query({ query }, random, bent) {
    const given = query.filter((one) => one.required || random.chance(0.3));
    const pairs = given.map((one) => [one.name, encode(String(this.values.valid(one.schema, one.name, random)))]);
    if (bent) {
      bent.bent.push('query');
      const one = query.length > 0 ? random.pick(query) : { name: 'q', schema: {} };
      const value = encode(String(this.values.badText(one.schema, one.name, random))).slice(0, 12_000);
      const raw = random.pick(HOSTILE_SEGMENTS).replaceAll(' ', '+');
      random.pick([
        () => pairs.push([one.name, value]),
        () => pairs.splice(0, pairs.length, [one.name, value]),
        () => pairs.splice(0, pairs.length, [one.name, value]),
        () => pairs.push([one.name, value], [one.name, value]),
        () => pairs.push([one.name, raw]),
        () => pairs.push([`${one.name}[]`, value]),
        () => pairs.push([`${one.name}[a]`, value]),
        () =>
          pairs.push([random.pick(['__proto__', 'constructor', 'toString', '', 'unknown', '%00', '%', '%ff']), raw]),
        () => pairs.push(...Array.from({ length: 1_200 }, (_, index) => [`k${index}`, '1'])),
        () => pairs.push(...Array.from({ length: 300 }, () => [one.name, '1'])),
        () => pairs.push(['', '']),
      ])();
    }
    if (pairs.length === 0) return bent ? random.pick(['?', '?&', '?=', '?&&=&', '??']) : '';
    return `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`;
  }

  addHeaders(request, operation, actor, random, bent) {
    const set = (name, value) => request.headers.push([name, value]);
    set('Host', '127.0.0.1');
    if (actor.token) set('Authorization', `Bearer ${actor.token}`);
    if (random.chance(0.2)) set('X-Request-Id', `fuzz-${request.index}`);
    if (random.chance(0.15))
      set('If-Match', random.pick(['*', '"1"', '"2"', this.scene.known.pick('etag', random) ?? '"1"']));
    for (const one of operation.headers) {
      if (one.required || random.chance(0.3)) set(one.name, this.values.valid(one.schema, one.name, random));
    }
    if (!bent) return;
    const [name, values] = random.pick(HOSTILE_HEADERS);
    const documented = operation.headers.length > 0 && random.chance(0.5) ? random.pick(operation.headers) : null;
    const header = documented?.name ?? name;
    const value = documented ? this.values.badText(documented.schema, documented.name, random) : random.pick(values);
    request.bent.push(`header ${header}`);
    if (random.chance(0.8))
      request.headers = request.headers.filter(([other]) => other.toLowerCase() !== header.toLowerCase());
    set(
      header,
      bytes(String(value).slice(0, 9_000))
        .replace(/[^\P{Cc}\t\u0080-\u009f]/gu, '?')
        .trim(),
    );
  }

  addBody(request, operation, random, bent) {
    if (operation.uploads) return this.addUpload(request, random, bent);
    if (!operation.body) {
      if (!bent) return;
      request.bent.push('unexpected body');
      return this.setBody(request, random, random.pick(HOSTILE_BODIES));
    }
    if (!bent) return this.setBody(request, random, toJson(this.values.valid(operation.body, '', random)));
    const way = random.weighted([
      [60, 'field'],
      [12, 'fields'],
      [14, 'whole'],
      [8, 'type'],
      [6, 'bytes'],
    ]);
    request.bent.push(`body: ${way}`);
    if (way === 'field' || way === 'fields') {
      const body = this.values.bentBody(operation.body, random, way === 'field' ? 1 : 4);
      return this.setBody(request, random, toJson(body));
    }
    if (way === 'whole') return this.setBody(request, random, random.pick(HOSTILE_BODIES));
    const text = toJson(this.values.valid(operation.body, '', random));
    if (way === 'type') return this.setBody(request, random, text, random.pick(CONTENT_TYPES));
    const cut = random.int(0, text.length);
    const raw = random.pick([
      () => Buffer.from(text.slice(0, cut)),
      () =>
        Buffer.concat([Buffer.from(text.slice(0, cut)), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(text.slice(cut))]),
      () => Buffer.from(text.replace('"', '"\\ud83d')),
      () => Buffer.from(text, 'utf16le'),
      () => Buffer.from(text.replace(/[a-z]/, '\u0000')),
    ])();
    this.setBody(request, random, raw);
  }

  setBody(request, random, body, type = 'application/json') {
    request.body = Buffer.isBuffer(body) ? body : Buffer.from(body);
    request.headers.push(['Content-Type', type]);
    request.chunked = random.chance(0.05);
  }

  /** Adds a logo as multipart/form-data. */
  addUpload(request, random, bent) {
    const boundary = 'fuzz-boundary';
    const file = random.pick(bent ? [...BAD_FILES, ...HEAVY_FILES] : GOOD_FILES)();
    const disposition = (name, filename) => `Content-Disposition: form-data; name="${name}"; filename="${filename}"`;
    const part = (head, body) =>
      Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), body, Buffer.from('\r\n')]);
    const end = Buffer.from(`--${boundary}--\r\n`);
    const good = part(`${disposition('file', 'logo.png')}\r\nContent-Type: image/png`, file);
    const field = part('Content-Disposition: form-data; name="note"', Buffer.from('x'));
    const whole = bent
      ? random.pick([
          () => [good, end],
          () => [good, good, end],
          () => [good],
          () => [end],
          () => [field, good, end],
          () => [...Array.from({ length: 50 }, () => field), good, end],
          () => [part(disposition('other', 'logo.png'), file), end],
          () => [part(disposition('__proto__', '../../x.png'), file), end],
          () => [part(disposition('file', ''), file), end],
          () => [part('Content-Disposition: form-data', file), end],
          () => [part('X: y', file), end],
          () => [part(disposition('file', 'x'.repeat(5_000)), file), end],
          () => [part(`${disposition('file', 'a')}\r\nContent-Transfer-Encoding: base64`, file), end],
          () => [Buffer.from('no multipart at all')],
          () => [],
        ])()
      : [good, end];
    if (bent) request.bent.push('upload');
    const type = bent && random.chance(0.15) ? random.pick(CONTENT_TYPES) : `multipart/form-data; boundary=${boundary}`;
    this.setBody(request, random, Buffer.concat(whole), type);
  }

  bendMethod(request, random) {
    request.method = random.pick([
      'HEAD',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'PROPFIND',
      'SEARCH',
      'LOCK',
      'QUERY',
      'FOO',
      'get',
      'CONNECT',
    ]);
    request.bent.push(`method ${request.method}`);
  }

  /** Makes the request malformed HTTP. */
  bendWire(request, random) {
    const [what, bend] = random.pick(WIRE_BENDS);
    request.bent.push(`wire: ${what}`);
    request.wire = bend;
  }
}

const encode = (text) => {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate has no UTF-8 encoding, but some programs send it anyway.
    return [...text]
      .map((char) => (/[\ud800-\udfff]/.test(char) && char.length === 1 ? '%ED%A0%80' : encodeURIComponent(char)))
      .join('');
  }
};

/** Serializes the request to bytes. */
export function serialize(request) {
  const { method, target, headers, body, chunked, wire } = request;
  let lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  let content = body ?? Buffer.alloc(0);
  if (body && chunked) {
    lines.push('Transfer-Encoding: chunked');
    const length = Buffer.from(`${body.length.toString(16)}\r\n`);
    content = body.length > 0 ? Buffer.concat([length, body, Buffer.from('\r\n0\r\n\r\n')]) : Buffer.from('0\r\n\r\n');
  } else if (body || ['POST', 'PUT', 'PATCH'].includes(method)) {
    lines.push(`Content-Length: ${content.length}`);
  }
  if (wire) [lines, content] = wire(lines, content);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}
