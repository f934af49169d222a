import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BadRequestException,
  Body,
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpCode,
  Injectable,
  Module,
  Param,
  Post,
  Put,
  Query,
  Req,
  UnauthorizedException,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FileInterceptor } from '@nestjs/platform-fastify/multipart/index.js';
import { IsString } from 'class-validator';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { QueryFailedError } from 'typeorm';
// Registers the error codes of all modules, which the API document looks up.
import '../src/app.module.js';
import { createApp } from '../src/http/app.setup.js';
import { Public } from '../src/common/access/index.js';
import { Config } from '../src/common/config/index.js';
import { commonErrors, defineErrors } from '../src/common/errors/index.js';
import { originOf, ApiErrors, RequestLimiter, startMetricsServer } from '../src/http/index.js';
import { createLog } from '../src/common/logging/index.js';
import { Metrics } from '../src/common/metrics/index.js';
import { IntegerField, ListField, ObjectField, QueryIntegerField, TextField } from '../src/common/validation/index.js';
import { Readiness } from '../src/http/health/index.js';
import { freePort } from './startup/server-process.js';

// Classes of a test file inherit from the Object of its sandbox, which the rules for nested objects do not know.
class City extends Object {
  @TextField()
  city: string;
}

class NewThing {
  @TextField()
  name: string;

  @IntegerField({ min: 0, max: 10, optional: true })
  size?: number;

  @ObjectField(() => City, { optional: true })
  address?: City;

  @ListField(IsString({ each: true }), { optional: true })
  tags?: string[];
}

class Filter {
  @TextField({ optional: true })
  q?: string;

  @QueryIntegerField({ min: 1, max: 100 })
  limit?: number;
}

const failed = (code: string, message = 'database says no') =>
  new QueryFailedError('select secret_column', [], Object.assign(new Error(message), { code }));

const thingErrors = defineErrors('things', { taken: ['conflict', 'Taken.'] });

const FAULTS: Record<string, () => Error> = {
  plain: () => new Error('the secret of the house'),
  badRequest: () => new BadRequestException('raw'),
  unauthorized: () => new UnauthorizedException(),
  forbidden: () => new ForbiddenException(),
  shutdown: () => failed('57P01'),
  tooMany: () => failed('53300'),
  timeout: () => failed('57014'),
  refused: () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
  pool: () => new Error('timeout exceeded when trying to connect'),
  text: () => failed('22021', 'invalid byte sequence 0x00'),
  serialization: () => failed('40001'),
  coded: () => thingErrors.taken({ data: { taken: ['a'], status: 1, code: 'no' } }),
  slowDown: () => commonErrors.rate_limited({ retryAfterSeconds: 1.2 }),
};

let slowBegan: () => void = () => undefined;

@ApiTags('Health')
@Controller('things')
class ThingController {
  @Public()
  @Get()
  listThings(@Query() query: Filter) {
    return { items: [], query };
  }

  @Public()
  @Post()
  @ApiErrors('things.taken')
  createThing(@Body() body: NewThing) {
    return { ...body, version: 1 };
  }

  @Public()
  @Get('one')
  getThing() {
    return { id: 'one', version: 7 };
  }

  @Public()
  @Get('tagged')
  getTagged() {
    return { etag: '"abc"' };
  }

  @Public()
  @Get('search')
  searchThings(@Query('q') q: string) {
    return { q };
  }

  @Public()
  @Get('fault/:name')
  fail(@Param('name') name: string): never {
    throw FAULTS[name]?.() ?? new Error('no such fault');
  }

  @Public()
  @Get('origin')
  readOrigin(@Req() request: FastifyRequest) {
    return { origin: originOf(request) };
  }

  @Public()
  @Get('slow')
  async slow() {
    slowBegan();
    await sleep(300);
    return { done: true };
  }

  @Public()
  @Post('restore')
  @HttpCode(200)
  restore() {
    return { restored: true };
  }

  @Public()
  @Post('logo')
  @UseInterceptors(FileInterceptor('file'))
  upload(@UploadedFile() file: { size: number } | undefined) {
    return { size: file?.size };
  }

  @Public()
  @Delete('one')
  @HttpCode(204)
  remove(): void {}

  @Put('guarded')
  @ApiErrors('unauthenticated')
  guarded(@Body() body: NewThing) {
    return body;
  }

  @Get('limited')
  limited() {
    return {};
  }
}

@Injectable()
class Guard implements CanActivate {
  constructor(private readonly limiter: RequestLimiter) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.url.includes('guarded')) throw new UnauthorizedException();
    if (request.url.includes('limited')) this.limiter.consume(originOf(request).ip ?? '');
    return true;
  }
}

@Module({ controllers: [ThingController], providers: [{ provide: APP_GUARD, useClass: Guard }] })
class TestModule {}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

const config = (changes: Partial<Config> = {}): Config =>
  Object.assign(new Config(), {
    baseUrl: 'http://127.0.0.1',
    secretKey: 'x'.repeat(32),
    logLevel: 'info',
    rateLimit: 5,
    trustProxy: undefined,
    corsOrigins: [],
    ...changes,
  });

const lines: string[] = [];
const started: NestFastifyApplication[] = [];

async function start(changes?: Partial<Config>): Promise<{ app: NestFastifyApplication; url: string }> {
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  const app = await createApp(TestModule, config(changes), { log });
  await app.listen(0, '127.0.0.1');
  started.push(app);
  return { app, url: await app.getUrl() };
}

async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : {} };
}

const post = (body: RequestInit['body'], type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});

/** Sends bytes exactly as written, for requests that fetch refuses to send. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

let url: string;
let app: NestFastifyApplication;
const things = (path = '') => `${url}/things${path}`;

beforeAll(async () => {
  ({ app, url } = await start());
});
afterAll(() => Promise.all(started.map((one) => one.close())));

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code, type: answer.headers.get('content-type') }).toEqual({
    status,
    code,
    type: 'application/problem+json',
  });
  expect(answer.body).toMatchObject({
    status,
    type: `/docs/errors#${code}`,
    requestId: answer.headers.get('x-request-id'),
  });
  expect(answer.body.title).toEqual(expect.any(String));
  expect(answer.body.detail).toEqual(expect.any(String));
}

const fieldsOf = (answer: Answer) => (answer.body.errors as { field: string }[]).map(({ field }) => field);

describe('bodies', () => {
  it('are refused when they are not JSON', async () => {
    expectProblem(await send(things(), post('{"name":')), 400, 'malformed_request');
    expectProblem(await send(things(), post(new Uint8Array([0x22, 0xff, 0x22]))), 400, 'malformed_request');
    expectProblem(await send(things(), post('['.repeat(100_000))), 400, 'malformed_request');
    expectProblem(await send(things(), post(`${'['.repeat(1000)}${']'.repeat(1000)}`)), 400, 'malformed_request');
  });

  it('are refused above 1 MiB', async () => {
    const huge = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    expectProblem(await send(things(), post(huge)), 413, 'payload_too_large');
  });

  it('are refused in another media type', async () => {
    expectProblem(
      await send(things(), post('name=x', 'application/x-www-form-urlencoded')),
      415,
      'unsupported_media_type',
    );
    expectProblem(await send(things(), post('name', 'text/plain')), 415, 'unsupported_media_type');
    expectProblem(await send(things(), post('{}', 'nonsense')), 415, 'unsupported_media_type');
    expectProblem(await send(things(), { method: 'POST', body: new FormData() }), 415, 'unsupported_media_type');
  });

  it('can be empty with any content type', async () => {
    const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain'];
    for (const type of types) expect((await send(things('/restore'), post(null, type))).status).toBe(200);
    const chunked = await raw(
      url,
      'POST /things/restore HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect(chunked).toContain('HTTP/1.1 200');
    expect((await send(things('/restore'), post('{}'))).status).toBe(200);
  });

  it('that are empty lack the required fields', async () => {
    const answer = await send(things(), post(null));
    expectProblem(answer, 400, 'validation_failed');
    expect(new Set(fieldsOf(answer))).toEqual(new Set(['name']));
  });

  it.each(['[]', '"x"', '1', 'null', 'true', '[{"name":"x"}]'])('must be objects, not %s', async (body) => {
    const answer = await send(things(), post(body));
    expectProblem(answer, 400, 'validation_failed');
    expect(fieldsOf(answer)).toEqual(['']);
  });

  it('must not have unknown fields, at any level', async () => {
    const answer = await send(
      things(),
      post(JSON.stringify({ name: 'x', nmae: 'y', address: { city: 'a', town: 'b' } })),
    );
    expectProblem(answer, 400, 'validation_failed');
    expect(new Set(fieldsOf(answer))).toEqual(new Set(['nmae', 'address.town']));
  });

  it.each([
    '{"name":"x","__proto__":{"admin":true}}',
    '{"name":"x","constructor":{"prototype":{"admin":true}}}',
    '{"name":"x","constructor":"y"}',
    '{"name":"x","toString":"y"}',
    '{"name":"x","address":{"city":"a","hasOwnProperty":1}}',
    '{"name":"x","address":{"city":"a","\\u005f_proto__":1}}',
  ])('must not name what every object has: %s', async (body) => {
    expectProblem(await send(things(), post(body)), 400, 'validation_failed');
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('must not have control characters or half characters', async () => {
    for (const name of ['a\0b', 'a\u001bb', 'a\ud800b', 'a\u202eb']) {
      expectProblem(await send(things(), post(JSON.stringify({ name }))), 400, 'validation_failed');
    }
  });

  it('keep their types: nothing is converted', async () => {
    for (const size of ['3', true, null, [3], {}, 1.5, 1e300]) {
      expectProblem(await send(things(), post(JSON.stringify({ name: 'x', size }))), 400, 'validation_failed');
    }
    expectProblem(await send(things(), post(JSON.stringify({ name: 1 }))), 400, 'validation_failed');
    expectProblem(await send(things(), post(JSON.stringify({ name: ['x'] }))), 400, 'validation_failed');
    expect((await send(things(), post(JSON.stringify({ name: 'x', size: 3 })))).body).toMatchObject({
      name: 'x',
      size: 3,
    });
  });

  it('are refused by routes that read none', async () => {
    const answer = await send(things('/restore'), post('{"operatorId":"x"}'));
    expectProblem(answer, 400, 'validation_failed');
    expect(fieldsOf(answer)).toEqual(['operatorId']);
    expectProblem(await send(things('/one'), { ...post('[1]'), method: 'DELETE' }), 400, 'validation_failed');
  });
});

describe('uploads', () => {
  const upload = (size: number) => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(size)]), 'logo.png');
    return send(things('/logo'), { method: 'POST', body: form });
  };

  it('reach the handler that accepts them', async () => {
    expect((await upload(512 * 1024)).body).toEqual({ size: 512 * 1024 });
  });

  it('are refused above the limit', async () => {
    expectProblem(await upload(512 * 1024 + 2), 413, 'payload_too_large');
    expectProblem(await upload(3 * 1024 * 1024), 413, 'payload_too_large');
  });

  it('that are malformed get a client error', async () => {
    const answer = await send(things('/logo'), post('nonsense', 'multipart/form-data; boundary=x'));
    expect(answer.status).toBe(400);
    expect((await send(things('/logo'), post('nonsense', 'multipart/form-data'))).status).toBeLessThan(500);
  });
});

describe('queries', () => {
  it('are parsed as their class declares', async () => {
    expect((await send(things('?q=a&limit=5'))).body.query).toEqual({ q: 'a', limit: 5 });
  });

  it.each([
    '?nope=1',
    '?q=a&q=b',
    '?limit=1&limit=2',
    '?limit=',
    '?limit=1e2',
    '?limit=abc',
    '?q=%00',
    '?q[a]=b',
    '?__proto__=x',
    '?constructor=x',
    '?toString=x',
  ])('are refused: %s', async (query) => expectProblem(await send(things(query)), 400, 'validation_failed'));

  it('are refused by routes that read none, and by name if unknown', async () => {
    const answer = await send(things('/one?expand=all'));
    expectProblem(answer, 400, 'validation_failed');
    expect(fieldsOf(answer)).toEqual(['expand']);
    expect((await send(things('/search?q=a'))).body).toEqual({ q: 'a' });
    expectProblem(await send(things('/search?q=a&q=b')), 400, 'validation_failed');
    expectProblem(await send(things('/search?q=%1b')), 400, 'validation_failed');
    expectProblem(await send(things('/search?q=a&p=b')), 400, 'validation_failed');
  });

  it('are ignored by probes', async () => {
    expect((await send(`${url}/healthz?cache=1`)).status).toBe(200);
  });

  it('are validated only after access is decided', async () => {
    const answer = await send(things('/guarded?nope=1'), { ...post('{"nope":1}'), method: 'PUT' });
    expectProblem(answer, 401, 'unauthenticated');
  });
});

describe('paths', () => {
  it('without a route are 404', async () => {
    expectProblem(await send(`${url}/nowhere`), 404, 'not_found');
    expectProblem(await send(`${url}/nowhere`, post('{"a":', 'text/nonsense')), 404, 'not_found');
    expectProblem(await send(things('/fault/')), 404, 'not_found');
    expectProblem(await send(`${url}/docs/assets/package.json`), 404, 'not_found');
  });

  it('with another method are 405 and name the allowed ones', async () => {
    const answer = await send(things('/one?x=1'), { method: 'PATCH' });
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD');
    const options = await send(things(), {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expectProblem(options, 405, 'method_not_allowed');
    expect(options.headers.get('access-control-allow-origin')).toBeNull();
    expectProblem(await send(things('/fault/plain'), { method: 'PUT' }), 405, 'method_not_allowed');
  });

  it('that cannot be decoded are 400, and too long or unprintable ones 404', async () => {
    expectProblem(await send(`${url}/things/%zz`), 400, 'malformed_request');
    expectProblem(await send(`${url}/things/fault/%e0%a4%a`), 400, 'malformed_request');
    expectProblem(await send(`${url}/things/fault/${'x'.repeat(301)}`), 404, 'not_found');
    expectProblem(await send(`${url}/things/fault/a%00`), 404, 'not_found');
    expect(await raw(url, 'GET http://[/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 40[04]/,
    );
    expect(await raw(url, 'GET *things HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toContain('problem+json');
  });
});

describe('headers', () => {
  it('include a request id, the given one if it is harmless', async () => {
    const given = await send(things('/one'), { headers: { 'x-request-id': 'abc-1:2.3_4' } });
    expect(given.headers.get('x-request-id')).toBe('abc-1:2.3_4');
    for (const bad of ['a b', 'x'.repeat(129), '<script>', 'a,b']) {
      const id = (await send(`${url}/nowhere`, { headers: { 'x-request-id': bad } })).headers.get('x-request-id');
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await send(`${url}/things/%zz`, { headers: { 'x-request-id': 'mine' } })).headers.get('x-request-id')).toBe(
      'mine',
    );
  });

  it('include the security headers on every response, errors included', async () => {
    for (const path of ['/things/one', '/nowhere', '/things/%zz', '/things/fault/plain']) {
      const { headers } = await send(url + path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('require https if the public URL is https', async () => {
    const secure = await start({ baseUrl: 'https://trellis.example' });
    expect((await send(`${secure.url}/healthz`)).headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
  });

  it('are trusted for the client address behind the configured number of proxies', async () => {
    const forwarded = { headers: { 'x-forwarded-for': '6.6.6.6, 1.2.3.4', 'x-request-id': 'r' } };
    const ipAt = async (address: string) => (await send(`${address}/things/origin`, forwarded)).body.origin;
    expect(await ipAt(url)).toEqual({ requestId: 'r', ip: '127.0.0.1' });
    expect(await ipAt((await start({ trustProxy: 1 })).url)).toEqual({ requestId: 'r', ip: '1.2.3.4' });
    expect(await ipAt((await start({ trustProxy: ['127.0.0.0/8'] })).url)).toEqual({ requestId: 'r', ip: '1.2.3.4' });
  });

  it('tag single resources and answer 304 to callers that have them', async () => {
    const first = await send(things('/one'));
    expect(first.headers.get('etag')).toBe('"7"');
    expect((await send(things('/tagged'))).headers.get('etag')).toBe('"abc"');
    expect((await send(things(), post('{"name":"x"}'))).headers.get('etag')).toBe('"1"');
    expect((await send(things())).headers.get('etag')).toBeNull();
    for (const known of ['"7"', 'W/"7"', '"1", "7"', '*']) {
      const again = await send(things('/one'), { headers: { 'if-none-match': known } });
      expect({ status: again.status, text: again.text, etag: again.headers.get('etag') }).toEqual({
        status: 304,
        text: '',
        etag: '"7"',
      });
    }
    expect((await send(things('/one'), { headers: { 'if-none-match': '"8"' } })).status).toBe(200);
  });

  it('challenge with Bearer, and say when a token was invalid', async () => {
    const none = await send(things('/fault/unauthorized'));
    expectProblem(none, 401, 'unauthenticated');
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    const bad = await send(things('/fault/unauthorized'), { headers: { authorization: 'Bearer x' } });
    expect(bad.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });
});

describe('faults', () => {
  it('of the server are 500 and reveal nothing', async () => {
    const answer = await send(things('/fault/plain'));
    expectProblem(answer, 500, 'internal_error');
    expect(answer.text).not.toContain('secret');
    expect(answer.body.detail).toBe('An internal error occurred. Try again, or contact support with the request id.');
    const line = lines.find((one) => one.includes(String(answer.body.requestId)) && one.includes('unexpected error'));
    expect(line).toContain('the secret of the house');
    expect(line).toContain('at ');
  });

  it.each(['shutdown', 'tooMany', 'timeout', 'refused', 'pool'])('of the database are 503: %s', async (name) => {
    const answer = await send(things(`/fault/${name}`));
    expectProblem(answer, 503, 'unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.text).not.toMatch(/secret|ECONN|10\.0/);
  });

  it.each([
    ['badRequest', 400, 'malformed_request'],
    ['forbidden', 403, 'forbidden'],
    ['text', 400, 'validation_failed'],
    ['serialization', 409, 'conflict'],
  ] as const)('%s is %i %s', async (name, status, code) =>
    expectProblem(await send(things(`/fault/${name}`)), status, code),
  );

  it('with a code carry their data, which cannot replace the standard members', async () => {
    const answer = await send(things('/fault/coded'));
    expectProblem(answer, 409, 'things.taken');
    expect(answer.body.taken).toEqual(['a']);
    expect((await send(things('/fault/slowDown'))).headers.get('retry-after')).toBe('2');
  });
});

describe('pages of other origins', () => {
  const from = (origin: string, method = 'GET', headers = {}) => ({ method, headers: { origin, ...headers } });
  const asks = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
  const granted = ({ headers }: Answer) => [
    headers.get('access-control-allow-origin'),
    headers.get('access-control-allow-credentials'),
  ];
  const APP = 'https://app.example';

  it('may call the API when they are listed', async () => {
    const other = await start({ corsOrigins: [APP] });
    const preflight = await send(`${other.url}/openapi.json`, from(APP, 'OPTIONS', asks));
    expect([preflight.status, ...granted(preflight)]).toEqual([204, APP, 'true']);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization');
    const answer = await send(`${other.url}/openapi.json`, from(APP));
    expect([answer.status, ...granted(answer)]).toEqual([200, APP, 'true']);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(granted(await send(`${other.url}/t/demo/api/v1/nothing`, from(APP)))).toEqual([APP, 'true']);
    expect(granted(await send(`${other.url}/openapi.json`, from('https://evil.example')))[0]).toBeNull();
    expect(granted(await send(`${other.url}/docs`, from(APP)))[0]).toBeNull();
  });

  it('get no credentials where any may call', async () => {
    const other = await start({ corsOrigins: ['*'] });
    expect(granted(await send(`${other.url}/openapi.json`, from(APP)))).toEqual(['*', null]);
  });
});

describe('the request limit', () => {
  it('applies per second, and answers 429', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(things('/limited'))));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const answer of refused) {
      expectProblem(answer, 429, 'rate_limited');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    await sleep(1100);
    expect((await send(things('/limited'))).status).toBe(200);
  });
});

describe('health and metrics', () => {
  it('report alive and ready', async () => {
    expect((await send(`${url}/healthz`)).body).toEqual({ status: 'alive' });
    expect((await send(`${url}/readyz`)).body).toEqual({ status: 'ready', checks: { shutdown: 'ok' } });
  });

  it('name what is not ready', async () => {
    const other = await start();
    other.app.get(Readiness).add('queue', () => Promise.resolve('too long'));
    other.app.get(Readiness).add('broken', () => Promise.reject(new Error('password=secret')));
    other.app.get(Readiness).add('silent', () => new Promise(() => undefined));
    for (let i = 0; i < 2; i++) {
      const answer = await send(`${other.url}/readyz`);
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({
        status: 'not_ready',
        checks: { broken: 'fails', queue: 'too long', silent: 'does not answer within 1 s', shutdown: 'ok' },
      });
    }
  });

  it('show no metrics on the main port when there is no token', async () => {
    expectProblem(await send(`${url}/metrics`), 404, 'not_found');
  });

  it('show metrics to the bearer of the token alone when there is one', async () => {
    const other = await start({ metricsToken: 'letmein' });
    const none = await send(`${other.url}/metrics`);
    expectProblem(none, 401, 'unauthenticated');
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expectProblem(
      await send(`${other.url}/metrics`, { headers: { authorization: 'Bearer letmeout' } }),
      401,
      'unauthenticated',
    );
    const ok = await send(`${other.url}/metrics`, {
      headers: { authorization: 'Bearer letmein', 'x-forwarded-for': '8.8.8.8' },
    });
    expect(ok.status).toBe(200);
    expect(ok.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(ok.text).toContain('http_request_duration_seconds_count{method="GET",route="/metrics",status="401"}');
    expect(ok.text).toContain('process_resident_memory_bytes');
  });

  it('show metrics on a port of their own, to this machine', async () => {
    app.get(Metrics).counter({ name: 'test_total', help: 'x' }).inc();
    const port = await freePort();
    const server = await startMetricsServer(config({ metricsPort: port, metricsPortRequired: true }), app.get(Metrics));
    try {
      expect(server.url).toBe(`http://127.0.0.1:${port}/metrics`);
      const answer = await send(`http://127.0.0.1:${port}/metrics`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
      expect(answer.text).toContain('trellis_test_total 1');
      expect((await send(`http://127.0.0.1:${port}/`)).status).toBe(404);
      // A page whose own name leads to this machine.
      const foreign = await raw(
        `http://127.0.0.1:${port}`,
        'GET /metrics HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
      );
      expect(foreign).toMatch(/^HTTP\/1.1 404/);
      // A second server: the default port may be taken, a port that is asked for may not.
      const second = { metricsPort: port, metricsPortRequired: false };
      expect((await startMetricsServer(config(second), app.get(Metrics))).url).toBeNull();
      const asked = startMetricsServer(config({ ...second, metricsPortRequired: true }), app.get(Metrics));
      await expect(asked).rejects.toThrow(`METRICS_PORT ${port} cannot be used on 127.0.0.1 (EADDRINUSE)`);
      expect((await startMetricsServer(config({ metricsPort: 0 }), app.get(Metrics))).url).toBeNull();
    } finally {
      await server.close();
    }
  });
});

describe('the log', () => {
  it('has one line for a request, with its route and without its query', async () => {
    const id = 'the-line-i-look-for';
    await send(things('/fault/plain?password=hunter2'), { headers: { 'x-request-id': id } });
    await send(`${url}/things/%zz?password=hunter2`, { headers: { 'x-request-id': id } });
    await sleep(20);
    const own = lines.map((line) => JSON.parse(line)).filter((line) => line.requestId === id && line.msg === 'request');
    expect(own).toEqual([
      expect.objectContaining({
        level: 'info',
        method: 'GET',
        route: '/things/fault/:name',
        status: 400,
        code: 'validation_failed',
      }),
      expect.objectContaining({ level: 'info', method: 'GET', route: null, status: 400, code: 'malformed_request' }),
    ]);
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.some((line) => line.includes('"route":"/healthz"'))).toBe(false);
  });
});

describe('the reference', () => {
  it('describes every operation with its refusals', async () => {
    const { body } = await send(`${url}/openapi.json`);
    const paths = body.paths as Record<string, Record<string, Record<string, any>>>;
    const { responses } = body.components as { responses: Record<string, { description: string }> };
    const create = paths['/things']?.post;
    expect(create).toMatchObject({
      operationId: 'createThing',
      'x-error-codes': expect.arrayContaining(['conflict', 'rate_limited', 'things.taken', 'validation_failed']),
      responses: { 400: expect.anything(), 429: expect.anything() },
    });
    const conflict = responses[create?.responses['409'].$ref.split('/').at(-1)];
    expect(conflict?.description).toBe('Conflict: `conflict`, `things.taken`');
    expect(paths['/things/fault/{name}']?.get).toMatchObject({
      operationId: 'failThing',
      parameters: [{ name: 'name', in: 'path' }],
    });
    expect(paths['/things/guarded']?.put?.responses).toHaveProperty('401');
  });

  it('is served from here and runs under its policy', async () => {
    const page = await send(`${url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/https?:\/\/|<script>/);
    const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(addresses.length).toBe(5);
    for (const address of addresses) expect((await fetch(new URL(address ?? '', `${url}/docs`))).status).toBe(200);
    const errors = (await send(`${url}/docs/errors`)).text;
    expect(errors).toContain('<dt id="validation_failed"><a href="#validation_failed">');
  });
});

describe('shutting down', () => {
  it('finishes what runs, refuses what comes, and closes soon', async () => {
    const other = await start();
    const began = new Promise<void>((resolve) => (slowBegan = resolve));
    const slow = send(`${other.url}/things/slow`);
    const half = connect(Number(new URL(other.url).port), '127.0.0.1');
    half.write('GET /things/one HTTP/1.1\r\nhost: x\r\n');
    let late = '';
    half.on('data', (chunk) => (late += chunk.toString()));
    await began;
    const closed = other.app.close();
    await sleep(50);
    half.write('\r\n');
    expect((await slow).body).toEqual({ done: true });
    await closed;
    expect(late).toMatch(/^HTTP\/1\.1 503 [^]*connection: close[^]*"code":"unavailable"/);
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
