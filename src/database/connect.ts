import path from 'node:path';
import type { Config } from '../common/config/index.js';
import { startEmbeddedServer } from './embedded/server.js';

export interface ConnectedDatabase {
  url: string;
  /** Stops the embedded server, if this process started it. */
  stop(): Promise<void>;
}

/** Connects to DATABASE_URL, or starts the embedded server with its data in DATA_DIR. Throws EmbeddedServerError. */
export async function connectDatabase(config: Config): Promise<ConnectedDatabase> {
  if (config.databaseUrl) return { url: config.databaseUrl, stop: () => Promise.resolve() };
  return startEmbeddedServer({ dataDir: path.join(config.dataDir, 'postgres') });
}
