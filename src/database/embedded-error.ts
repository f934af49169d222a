/** Why the built-in database could not start or be joined. `message` is one line, meant for whoever runs the server. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}

/** The `code` of a failed system call (`ENOENT`, `EACCES` …), of a socket or of PostgreSQL; undefined for other errors. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The error itself, or its message within one of our own. */
export function asEmbeddedServerError(error: unknown): EmbeddedServerError {
  if (error instanceof EmbeddedServerError) return error;
  const reason = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return new EmbeddedServerError(`The built-in database could not start: ${String(reason)}`, { cause: error });
}
