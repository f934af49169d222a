import type { IncomingHttpHeaders } from 'node:http';
import { proxyCheck } from './proxy-check.js';

const NAMED = { 'x-forwarded-for': '203.0.113.7' };

function warningsOf(trustsProxy: boolean, requests: [string, IncomingHttpHeaders][]): string[] {
  const warnings: string[] = [];
  const check = proxyCheck({ trustsProxy, warn: (message) => warnings.push(message) });
  for (const [url, headers] of requests) check(url, headers);
  return warnings;
}

it('warns once of a proxy that does not name its clients', () => {
  const warnings = warningsOf(true, [
    ['/t/demo/', NAMED],
    ['/t/demo/', {}],
    ['/t/demo/', {}],
  ]);
  expect(warnings).toEqual([expect.stringContaining('came without X-Forwarded-For')]);
});

it('warns once of a proxy that the server does not know', () => {
  const warnings = warningsOf(false, [
    ['/t/demo/', {}],
    ['/t/demo/', NAMED],
    ['/t/demo/', NAMED],
  ]);
  expect(warnings).toEqual([expect.stringContaining('TRUST_PROXY is not set')]);
});

it.each(['/healthz', '/readyz', '/metrics?name=x'])('expects no proxy in front of %s', (url) =>
  expect(warningsOf(true, [[url, {}]])).toEqual([]),
);

it('says nothing while both fit together', () => {
  expect(warningsOf(true, [['/healthzz', NAMED]])).toEqual([]);
  expect(warningsOf(false, [['/t/demo/', {}]])).toEqual([]);
});
