import { type CanActivate, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';
import type { FastifyRequest } from 'fastify';
import { commonErrors, type FieldError, unknownField } from '../../common/errors/index.js';

const ANY_REQUEST = 'trellis:any-request';

/** Accepts any query and body: for probes, for addresses that others append to, and for uploads. */
export const AnyRequest = () => SetMetadata(ANY_REQUEST, true);

/** The fields that a handler reads by name. `all`: it takes the whole object, and the class of its argument validates. */
type Names = 'all' | ReadonlySet<string>;

interface Reads {
  query: Names;
  body: Names;
  files: boolean;
}

const ANYTHING: Reads = { query: 'all', body: 'all', files: true };

type Arguments = Record<string, { data?: unknown }>;

/** Returns the type of a parameter from Nest's key `<type>:<position>`. */
const typeOf = (key: string): number => Number(key.split(':')[0]);

function namesOf(args: Arguments, ...types: number[]): Names {
  const names = new Set<string>();
  for (const [key, { data }] of Object.entries(args)) {
    if (!types.includes(typeOf(key))) continue;
    if (typeof data !== 'string') return 'all';
    names.add(data);
  }
  return names;
}

function readsOf(controller: object, handler: object & { name: string }): Reads {
  if ([handler, controller].some((target) => Reflect.getMetadata(ANY_REQUEST, target) === true)) return ANYTHING;
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler.name) ?? {}) as Arguments;
  const { BODY, RAW_BODY, QUERY, FILE, FILES } = RouteParamtypes;
  const files = Object.keys(args).some((key) => [FILE, FILES].some((type: number) => type === typeOf(key)));
  return { query: namesOf(args, QUERY), body: files ? 'all' : namesOf(args, BODY, RAW_BODY), files };
}

/** Returns an error for each field of `given` that the handler does not read. */
function unread(given: unknown, reads: Names, what: string): FieldError[] {
  if (reads === 'all' || given === undefined || given === null) return [];
  if (typeof given !== 'object' || Array.isArray(given))
    return [{ field: '', code: 'unknown_field', message: `this operation does not accept a ${what}` }];
  return Object.keys(given)
    .filter((field) => !reads.has(field))
    .slice(0, 50)
    .map((name) => name.slice(0, 200))
    .map((field) => unknownField(field));
}

/**
 * Rejects fields that a handler does not read, so that a misspelled filter or a misplaced body does not look successful.
 * It must be the last guard, so that it runs after the access check.
 */
export class StrictRequestGuard implements CanActivate {
  private readonly known = new WeakMap<object, Reads>();

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reads = this.readsOf(context);
    if (!reads.files && request.isMultipart()) throw commonErrors.unsupported_media_type();
    const errors = [...unread(request.query, reads.query, 'query'), ...unread(request.body, reads.body, 'body')];
    if (errors.length > 0) throw commonErrors.validation_failed({ errors });
    return true;
  }

  private readsOf(context: ExecutionContext): Reads {
    const handler = context.getHandler();
    let reads = this.known.get(handler);
    if (!reads) {
      reads = readsOf(context.getClass(), handler);
      this.known.set(handler, reads);
    }
    return reads;
  }
}
