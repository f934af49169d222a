import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/index.js';
import { describeError } from './error-description.js';

/** Never written, at the top of a line and two levels below it. */
const SECRETS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'refreshToken',
  'accessToken',
  'key',
  'secretKey',
  'clientSecret',
];
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

type Fields = Record<string, unknown>;

/**
 * JSON lines on standard output. Fields first, then what happened: `log.info({ organizationId }, 'purged')`. An error
 * goes under `err`.
 */
export class Log {
  constructor(private readonly lines: Logger) {}

  /** Lines with `fields` added to each. */
  child(fields: Fields): Log {
    return new Log(this.lines.child(fields));
  }

  /** Without the search for secrets: for lines whose every field is known, written often. */
  unredacted(): Log {
    return new Log(this.lines.child({}, { redact: [] }));
  }

  isOn(level: Exclude<LogLevel, 'silent'>): boolean {
    return this.lines.isLevelEnabled(level);
  }

  fatal(fields: Fields, message: string): void {
    this.lines.fatal(fields, message);
  }

  error(fields: Fields, message: string): void {
    this.lines.error(fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.lines.warn(fields, message);
  }

  info(fields: Fields, message: string): void {
    this.lines.info(fields, message);
  }

  debug(fields: Fields, message: string): void {
    this.lines.debug(fields, message);
  }

  trace(fields: Fields, message: string): void {
    this.lines.trace(fields, message);
  }
}

/** Lines that arrive while one is written go out together, so that a slow reader of the log does not stop requests. */
const standardOutput = (): DestinationStream => pino.destination({ fd: 1, sync: false });

export const createLog = (level: LogLevel, destination: DestinationStream = standardOutput()): Log =>
  new Log(
    pino(
      {
        level,
        base: undefined,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        serializers: { err: describeError },
        redact: { paths: REDACTED, censor: '[redacted]' },
      },
      destination,
    ),
  );
