import { celEnv, CelScalar, isCelError, mapType, parse, plan } from '@bufbuild/cel';
import { LRUCache } from 'lru-cache';
import { domainOf } from '../../common/validation/index.js';
import { CONDITION_FUNCTIONS } from './condition.functions.js';
import { TimeSliceError, withinSliceOrAgain } from './time-slice.js';
import {
  assertBounded,
  assertShallow,
  ConditionCostError,
  ConditionError,
  type NamedAddress,
  namedAddressesOf,
  normalizeAddresses,
  requiredEmailDomains,
} from './condition.syntax.js';

/** The user and organization for which a condition is evaluated. */
export interface Subject {
  user: { email: string; name: string };
  /** Claims of single sign-on. Empty for other sign-in methods. */
  claims: Record<string, unknown>;
  operatorSlug: string;
  organization: { id: string; externalId: string | null; slug: string; name: string } | null;
}

export interface ConditionResult {
  holds: boolean;
  /** Why the condition could not be evaluated: a name is missing or has another type. */
  error?: string;
}

const ENVIRONMENT = celEnv({
  funcs: CONDITION_FUNCTIONS,
  variables: {
    user: mapType(CelScalar.STRING, CelScalar.STRING),
    claims: mapType(CelScalar.STRING, CelScalar.DYN),
    OPERATOR_SLUG: CelScalar.STRING,
    ORG_ID: CelScalar.STRING,
    ORG_EXTERNAL_ID: CelScalar.STRING,
    ORG_SLUG: CelScalar.STRING,
    ORG_NAME: CelScalar.STRING,
  },
});

type Evaluate = (bindings: Record<string, unknown>) => unknown;

const MAX_DEPTH = 8;

/** Converts JSON for CEL. Values nested deeper than real claims are dropped. */
function toCel(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (depth >= MAX_DEPTH || typeof value !== 'object') return null;
  if (Array.isArray(value)) return value.map((item) => toCel(item, depth + 1));
  return new Map(Object.entries(value).map(([key, item]) => [key, toCel(item, depth + 1)]));
}

/** Leaves names without a value unbound. A condition that uses one does not match unless it handles the missing name. */
function bindingsOf({ user, claims, operatorSlug, organization }: Subject): Record<string, unknown> {
  const emailDomain = domainOf(user.email);
  return {
    user: new Map(Object.entries({ email: user.email, emailDomain, name: user.name })),
    claims: toCel(claims),
    OPERATOR_SLUG: operatorSlug,
    ...(organization && {
      ORG_ID: organization.id,
      ORG_SLUG: organization.slug,
      ORG_NAME: organization.name,
      ...(organization.externalId !== null && { ORG_EXTERNAL_ID: organization.externalId }),
    }),
  };
}

/** How long a stored condition that takes too long to read is not read again. A busy machine may be the reason. */
const COSTLY_MS = 10_000;

const compiled = new LRUCache<string, Condition | ConditionError>({ max: 2_000 });

/** A condition in CEL. Evaluation has no side effects. Conditions that customers wrote must be evaluated in a slice. */
export class Condition {
  private constructor(
    private readonly evaluate: Evaluate,
    /** Only users with an address in one of these domains can meet it. Null if unknown. */
    readonly emailDomains: string[] | null,
    readonly namedAddresses: NamedAddress[],
  ) {}

  static of(source: string): Condition {
    const known = compiled.get(source) ?? Condition.compile(source);
    compiled.set(source, known, known instanceof ConditionCostError ? { ttl: COSTLY_MS } : {});
    if (known instanceof Condition) return known;
    throw known;
  }

  /** Reads a condition that is not stored, which must not drive out those that are. */
  static ofTrial(source: string): Condition {
    const known = compiled.get(source) ?? Condition.compile(source);
    if (known instanceof Condition) return known;
    throw known;
  }

  static isRead(source: string): boolean {
    return compiled.has(source);
  }

  private static compile(source: string): Condition | ConditionError {
    try {
      assertShallow(source);
      return withinSliceOrAgain(() => Condition.read(source));
    } catch (error) {
      if (error instanceof ConditionError) return error;
      if (error instanceof TimeSliceError) return new ConditionCostError('it takes too long to read');
      return new ConditionError((error instanceof Error ? error.message : String(error)).replace('<input>:', 'at '));
    }
  }

  /** The first parse and evaluation of a process take long, which must not count against a condition. */
  static warmUp(): void {
    const organization = null;
    const subject = { user: { email: '', name: '' }, claims: {}, operatorSlug: '', organization };
    Condition.read('user.email.matches("^a+$") || ["a"].exists(x, x == "a" + "b")').of(subject);
  }

  private static read(source: string): Condition {
    const parsed = parse(source);
    if (!parsed.expr) throw new ConditionError('it is empty');
    assertBounded(parsed.expr, Object.keys(NAMES));
    normalizeAddresses(parsed.expr);
    return new Condition(
      plan(ENVIRONMENT, parsed) as Evaluate,
      requiredEmailDomains(parsed.expr),
      namedAddressesOf(parsed.expr),
    );
  }

  of(subject: Subject): ConditionResult {
    try {
      const value = this.evaluate(bindingsOf(subject));
      if (value === true || value === false) return { holds: value };
      if (isCelError(value)) return { holds: false, error: value.message };
      return { holds: false, error: 'it is neither true nor false' };
    } catch (error) {
      return { holds: false, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

const NAMES = bindingsOf({
  user: { email: '', name: '' },
  claims: {},
  operatorSlug: '',
  organization: { id: '', externalId: '', slug: '', name: '' },
});

Condition.warmUp();
