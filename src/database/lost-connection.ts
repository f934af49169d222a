import { QueryFailedError } from 'typeorm';

/** Connection exceptions, and connections that an administrator or a shutdown ended. */
const LOST_SQLSTATE = /^(?:08[0-9A-Z]{3}|57P[0-9A-Z]{2})$/;

const UNREACHABLE =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Messages of pg, its pool and TypeORM without a code, when there is no usable connection. */
const LOST =
  /timeout exceeded when trying to connect|timeout expired|connection terminated|not queryable|after calling end on the pool|query read timeout|connection is not established|database is not established/i;
const LOST_NAMES = new Set([
  'CannotExecuteNotConnectedError',
  'ConnectionIsNotSetError',
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
]);

/** Returns the error of the driver, which TypeORM wraps. */
export const driverErrorOf = (error: unknown): unknown =>
  error instanceof QueryFailedError ? error.driverError : error;

/** Tells whether an error only says that there is no usable connection, whatever was sent over it. */
export function isLostConnection(error: unknown): boolean {
  const cause = driverErrorOf(error);
  if (!(cause instanceof Error)) return false;
  const { code } = cause as NodeJS.ErrnoException;
  if (typeof code === 'string' && (LOST_SQLSTATE.test(code) || UNREACHABLE.test(code))) return true;
  return LOST_NAMES.has(cause.name) || LOST.test(cause.message);
}
