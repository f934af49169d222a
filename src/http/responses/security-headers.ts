import type { Config } from '../../common/config/index.js';

type Headers = Readonly<Record<string, string>>;

const policy = (directives: Record<string, string>): string =>
  Object.entries({ 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'", ...directives })
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');

/** For responses other than pages: nothing may be loaded, run or framed. */
export const CLOSED_POLICY = policy({ 'default-src': "'none'" });

/** For the reference pages: only scripts and data of this server. Swagger UI writes style attributes. */
export const REFERENCE_POLICY = policy({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
});

const ONE_YEAR_SECONDS = 31_536_000;

/**
 * Returns the headers of every response, including errors. Routes that serve other content override
 * `content-security-policy`, `cross-origin-resource-policy` or `cache-control`. There are no CORS headers by default.
 */
export const securityHeaders = (config: Pick<Config, 'baseUrl'>): Headers => ({
  'cache-control': 'no-store',
  'content-security-policy': CLOSED_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  ...(config.baseUrl.startsWith('https:') && { 'strict-transport-security': `max-age=${ONE_YEAR_SECONDS}` }),
});
