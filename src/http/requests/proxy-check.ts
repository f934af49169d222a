import type { IncomingHttpHeaders } from 'node:http';

interface Settings {
  trustsProxy: boolean;
  warn: (message: string) => void;
}

const PAGE = 'See docs/operations/behind-a-proxy.md.';
/** Asked for by machines beside the server, which no proxy is between. */
const PROBES = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

/**
 * Returns a function that looks at each request and warns once if the address of clients cannot be right, because proxy and
 * server do not fit together: then strangers choose their address, or all clients share one and its budgets.
 */
export function proxyCheck({ trustsProxy, warn }: Settings): (url: string, headers: IncomingHttpHeaders) => void {
  let warned = false;
  return (url, headers) => {
    if (warned) return;
    const names = headers['x-forwarded-for'] !== undefined;
    if (names === trustsProxy || PROBES.test(url)) return;
    warned = true;
    warn(
      trustsProxy
        ? `TRUST_PROXY is set, but a request came without X-Forwarded-For. If the proxy does not set the header, clients choose the address that counts. ${PAGE}`
        : `A request came with X-Forwarded-For, but TRUST_PROXY is not set. Behind a proxy all clients share its address and its limits. ${PAGE}`,
    );
  };
}
