import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/index.js';
import { describeError } from './error-description.js';

/** Redacted at the top of a line and on the two levels below it. */
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
 * Writes JSON lines to standard output. Pass fields first, then the message: `log.info({ organizationId }, 'purged')`. Pass an
 * error as `err`.
 */
export class Log {
  constructor(private readonly lines: Logger) {}

  /** Returns a log that adds `fields` to each line. */
  child(fields: Fields): Log {
    return new Log(this.lines.child(fields));
  }

  /** Returns a log without redaction, for frequent lines whose fields are all known. */
  unredacted(): Log {
    return new Log(this.lines.child({}, { redact: [] }));
  }

  /** Returns a log that also writes `info` where LOG_LEVEL is higher, for lines that are evidence. `silent` stays silent. */
  atLeastInfo(): Log {
    return this.lines.level === 'silent' ? this : new Log(this.lines.child({}, { level: 'info' }));
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

/** Buffers lines while one is written, so a slow reader of the log does not block requests. */
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
