/** The built-in database could not be started or joined. `message` is one line for the person who runs the server. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
}

/** Returns the `code` of a failed system call (`ENOENT`, `EACCES` …), socket or SQL statement, else undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Returns the error itself if it is an EmbeddedServerError, else wraps it in one. */
export function asEmbeddedServerError(error: unknown): EmbeddedServerError {
  if (error instanceof EmbeddedServerError) return error;
  const reason = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return new EmbeddedServerError(`The built-in database could not start: ${String(reason)}`, { cause: error });
}
