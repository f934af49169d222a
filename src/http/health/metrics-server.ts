import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Config, ConfigError, isLoopbackHost } from '../../common/config/index.js';
import type { Metrics } from '../../common/metrics/index.js';

const HOST = '127.0.0.1';

export interface MetricsServer {
  /** Where the metrics are, or null if METRICS_PORT is 0 or the default port is taken. */
  url: string | null;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on a loopback port of its own, which no proxy in front of the main port passes on. A taken default
 * port leaves the metrics off, so that a second server on the machine starts. A taken port that METRICS_PORT names does
 * not.
 */
export async function startMetricsServer(config: Config, metrics: Metrics): Promise<MetricsServer> {
  const off: MetricsServer = { url: null, close: () => Promise.resolve() };
  const { metricsPort: port, metricsPortRequired } = config;
  if (port === 0) return off;
  const server = createMetricsServer(metrics);
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    if (!metricsPortRequired) return off;
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new ConfigError(`METRICS_PORT ${port} cannot be used on ${HOST} (${code}): set another METRICS_PORT`);
  }
  return {
    url: `http://${HOST}:${port}/metrics`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function createMetricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    const isMetrics = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    // A page whose name leads to 127.0.0.1 asks with its own name.
    if (!isMetrics || !isLoopbackHost(request.headers.host)) {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
}
