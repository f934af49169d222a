import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** Contexts of the framework that log one line per module and route at the start. */
const CHATTY = new Set([
  'InjectorLogger',
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

interface Line {
  message: string;
  fields: { context?: string; err?: unknown };
}

/** Reads the arguments of Nest: the message, then optional details, then the context. */
function lineOf(message: unknown, rest: unknown[]): Line {
  const last = rest.at(-1);
  const context = typeof last === 'string' ? last : undefined;
  const stack = rest.slice(0, -1).find((part): part is string => typeof part === 'string');
  const err = message instanceof Error ? message : rest.find((part) => part instanceof Error);
  return {
    message:
      message instanceof Error ? message.message : typeof message === 'string' ? message : JSON.stringify(message),
    fields: {
      ...(context && { context }),
      ...(err ? { err } : stack && { err: Object.assign(new Error(), { stack }) }),
    },
  };
}

/** Writes the log lines of Nest and its modules to our log. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink[CHATTY.has(fields.context ?? '') ? 'debug' : 'info'](fields, text);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink.fatal(fields, text);
  }

  error(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink.error(fields, text);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink.warn(fields, text);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink.debug(fields, text);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    const { message: text, fields } = lineOf(message, rest);
    this.sink.trace(fields, text);
  }
}
