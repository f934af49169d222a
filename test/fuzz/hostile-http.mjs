import { CONTENT_TYPES } from './hostile.mjs';

const segment = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const UNSIGNED = `${segment({ alg: 'none', typ: 'at+jwt' })}.${segment({ sub: 'x', sid: 'x', exp: 9e9 })}.`;
const NO_KEY = `${segment({ alg: 'RS256', typ: 'at+jwt', kid: 'x' })}.${segment({ sub: 'x', exp: 9e9 })}.AAAA`;
const HS = `${segment({ alg: 'HS256', typ: 'at+jwt', kid: 'x' })}.${segment({ sub: 'x', exp: 9e9 })}.AAAA`;
const CRITICAL = `${segment({ alg: 'RS256', typ: 'at+jwt', crit: ['x'], x: 1 })}.${segment({})}.AAAA`;

/** Header fields with odd or invalid values. */
export const HOSTILE_HEADERS = [
  [
    'Authorization',
    [
      '',
      'Bearer',
      'Bearer ',
      'bearer x',
      'Bearer a b',
      'Basic YTpi',
      'Bearer ..',
      'Bearer a.b.c',
      'Bearer null',
      'Bearer ä',
    ].concat(
      [UNSIGNED, NO_KEY, HS, CRITICAL, 'trl_x', `trl_${'x'.repeat(8_000)}`, 'x'.repeat(8_000)].map(
        (token) => `Bearer ${token}`,
      ),
      [
        'Bearer x, Bearer y',
        'BEARER x',
        '\tBearer x',
        `Bearer ${'.'.repeat(5_000)}`,
        `Bearer ${segment([])}.${segment(null)}.x`,
      ],
    ),
  ],
  [
    'If-Match',
    [
      '',
      '"',
      '""',
      'W/"1"',
      '"1", "2"',
      '"0"',
      '"-1"',
      '"1e3"',
      'ä',
      '*, "1"',
      '"1",'.repeat(1_500),
      '1',
      '"999999999999999999999"',
    ],
  ],
  ['If-None-Match', ['*', '', '"1"', 'W/"1"', '"1",'.repeat(1_500), 'ä']],
  [
    'X-Request-Id',
    ['', ' ', 'x'.repeat(128), 'x'.repeat(129), 'ä', 'a b', '../..', '=1+1', '-1', '<script>', '{}', '"', '%00'],
  ],
  ['Content-Type', CONTENT_TYPES],
  ['Accept', ['', 'text/html', '*/*;q=x', 'application/xml', 'x'.repeat(5_000), ';', 'application/json;v=999']],
  ['Accept-Encoding', ['gzip', 'br', '*;q=0', 'identity;q=0', 'x']],
  ['Accept-Language', ['xx', '*', 'en;q=nan', 'ä']],
  ['Content-Encoding', ['gzip', 'br', 'deflate', 'identity', 'x, y']],
  ['User-Agent', ['', 'x'.repeat(9_000), 'ä漢字', '=1+1', '<script>', '\u0080\u00ff']],
  [
    'X-Forwarded-For',
    ['', '1.2.3.4', '1.2.3.4, 5.6.7.8', 'unknown', '::1', 'x'.repeat(5_000), "' or 1=1", '1.2.3.4:80', '[::1]:80'],
  ],
  ['X-Forwarded-Host', ['evil.example', '', 'a b']],
  ['X-Forwarded-Proto', ['https', 'javascript', '']],
  ['Forwarded', ['for=1.2.3.4', 'for="_x"', ';;;', 'for="[::1]"']],
  ['Host', ['evil.example', '', 'a b', '[::1', 'evil.example:99999', 'ä', '@', 'x'.repeat(5_000)]],
  ['Origin', ['https://evil.example', 'null', '', 'x']],
  ['Referer', ['https://evil.example', 'ä']],
  ['Cookie', ['a=b', ';;;', '=', `a=${'x'.repeat(5_000)}`, '__proto__=x', 'a="', 'ä=ö']],
  ['Range', ['bytes=0-1', 'bytes=-1', 'bytes=9-1', 'x']],
  ['Idempotency-Key', ['', ' ', 'a', 'x'.repeat(5_000), 'ä', '"', '__proto__', 'fuzz', 'fuzz', 'fuzz']],
  ['X-Http-Method-Override', ['DELETE', 'x']],
  ['X-Original-Url', ['/admin', '/t/demo/api/v1/admin/operator']],
  ['Upgrade', ['websocket', 'h2c', 'x']],
  ['Date', ['x', 'Thu, 01 Jan 1970 00:00:00 GMT']],
  ['If-Modified-Since', ['Thu, 01 Jan 1970 00:00:00 GMT', 'x', '']],
  ['If-Unmodified-Since', ['Thu, 01 Jan 1970 00:00:00 GMT', 'x']],
  ['Expect', ['100-continue', 'x', '']],
  ['Connection', ['close', 'keep-alive, x-request-id', 'upgrade', 'x']],
  ['Max-Forwards', ['0', '-1', 'x']],
  ['Prefer', ['return=minimal', 'respond-async', 'x']],
  ['Te', ['trailers', 'x']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['X-Unknown', ['', 'ä', 'x'.repeat(8_000)]],
];

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const svg =
  (inner, head = '') =>
  () =>
    Buffer.from(`${head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">${inner}</svg>`);

export const GOOD_FILES = [() => PNG, svg('<path d="M0 0h1v1z"/>'), svg('<g fill="#fff"><circle r="1"/></g>')];

export const BAD_FILES = [
  ...GOOD_FILES,
  () => Buffer.alloc(0),
  () => Buffer.from('text'),
  () => PNG.subarray(0, 20),
  () =>
    Buffer.concat([
      PNG.subarray(0, 16),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      PNG.subarray(24),
    ]),
  () => Buffer.concat([PNG, Buffer.alloc(512 * 1024)]),
  () => Buffer.alloc(600 * 1024, 0x89),
  () => Buffer.from('GIF89a'),
  () => Buffer.from('RIFF\u0000\u0000\u0000\u0000WEBPVP8 '),
  () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2, 0xff, 0xc0, 0, 1]),
  () => Buffer.from([0xff, 0xd8, 0xff]),
  svg('<script>alert(1)</script>'),
  svg('<image href="https://evil.example/x.png"/>'),
  svg('<a href="javascript:alert(1)"><text>x</text></a>'),
  svg('<foreignObject><iframe src="//evil.example"/></foreignObject>'),
  svg('<style>@import url(//evil.example);</style>'),
  svg('&b;', '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'),
  svg('&x;', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
  svg('<g>'.repeat(3_000)),
  svg('<g>'.repeat(3_000) + '</g>'.repeat(3_000)),
  svg('<path d="M0 0"/>'.repeat(10_000)),
  svg(`<path d="${'M0 0 '.repeat(50_000)}"/>`),
  svg(`<g ${Array.from({ length: 5_000 }, (_, index) => `a${index}="x"`).join(' ')}/>`),
  svg('\u0000'),
  svg('&amp;'.repeat(80_000)),
  svg('<use href="#a"/><g id="a"><use href="#a"/></g>'),
  () => Buffer.from('<svg'),
  () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"'),
  () => Buffer.from('<?xml version="1.0" encoding="UTF-7"?><svg/>'),
  () => Buffer.from('\ufeff<svg xmlns="http://www.w3.org/2000/svg"/>', 'utf16le'),
];

/** Small files that take a careless parser minutes. */
export const HEAVY_FILES = [
  svg('<!---->'.repeat(20_000)),
  svg('<?a b?>'.repeat(20_000)),
  svg('<![CDATA[x]]>'.repeat(20_000)),
];

/** Malformed HTTP. Each function takes the header lines and the body and returns what is sent. */
export const WIRE_BENDS = [
  ['another version', (lines, body) => [[lines[0].replace('HTTP/1.1', 'HTTP/1.7'), ...lines.slice(1)], body]],
  ['HTTP/1.0', (lines, body) => [[lines[0].replace('HTTP/1.1', 'HTTP/1.0'), ...lines.slice(1)], body]],
  ['no Host', (lines, body) => [lines.filter((line) => !/^host:/i.test(line)), body]],
  ['two Hosts', (lines, body) => [[...lines, 'Host: evil.example'], body]],
  ['a control character in a header', (lines, body) => [[...lines, 'X-Bad: a\u0001b'], body]],
  ['NUL in a header', (lines, body) => [[...lines, 'X-Bad: a\u0000b'], body]],
  ['a header without a colon', (lines, body) => [[...lines, 'X-Bad'], body]],
  ['a space in a header name', (lines, body) => [[...lines, 'X Bad: y'], body]],
  ['a folded header', (lines, body) => [[...lines, 'X-Folded: a', ' b'], body]],
  ['30 KiB of headers', (lines, body) => [[...lines, `X-Long: ${'x'.repeat(30_000)}`], body]],
  ['500 headers', (lines, body) => [[...lines, ...Array.from({ length: 500 }, (_, index) => `X-${index}: y`)], body]],
  ['a space in the path', (lines, body) => [[lines[0].replace(' /', ' /a b/'), ...lines.slice(1)], body]],
  [
    'a bad chunk',
    (lines) => [
      [...lines.filter((line) => !/^(content-length|transfer-encoding):/i.test(line)), 'Transfer-Encoding: chunked'],
      Buffer.from('zz\r\nx\r\n0\r\n\r\n'),
    ],
  ],
  [
    'a length and chunks',
    (lines) => [
      [
        ...lines.filter((line) => !/^(content-length|transfer-encoding):/i.test(line)),
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
      ],
      Buffer.from('0\r\n\r\n'),
    ],
  ],
  [
    'a negative length',
    (lines, body) => [[...lines.filter((line) => !/^content-length:/i.test(line)), 'Content-Length: -1'], body],
  ],
  [
    'two lengths',
    (lines, body) => [
      [...lines.filter((line) => !/^content-length:/i.test(line)), 'Content-Length: 1', 'Content-Length: 2'],
      body,
    ],
  ],
];
