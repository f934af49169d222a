import { type Config, ConfigError } from './common/config/index.js';
import { EmbeddedServerError } from './database/embedded/error.js';
import { DatabaseError } from './database/database-error.js';

const FORESEEN = [ConfigError, DatabaseError, EmbeddedServerError];

/** Returns the message for a failed start: one line, or the stack of an unexpected error. */
export function startFailure(error: unknown, config?: Config): string {
  if (!(error instanceof Error)) return String(error);
  if (FORESEEN.some((kind) => error instanceof kind)) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `PORT ${config?.port} is in use on ${config?.host}: set another PORT`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return `cannot listen on ${config?.host}:${config?.port} (${code})`;
  return error.stack ?? error.message;
}
