/** What is wrong with one field. */
export interface FieldProblem {
  field: string;
  message: string;
  code?: string;
  params?: Record<string, unknown>;
}

/** A refusal of the server, as RFC 9457 defines it. */
export interface Problem {
  /** 0 if no answer of the server arrived. */
  status: number;
  code: string;
  detail: string;
  requestId?: string;
  errors?: FieldProblem[];
  [more: string]: unknown;
}

/** What every failed request throws. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterSeconds?: number,
  ) {
    super(problem.detail);
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Returns what a refused request throws. */
export function refusalOf(problem: Problem, response: Response | undefined): Refused {
  const seconds = Number(response?.headers.get('retry-after'));
  return new Refused(problem, Number.isFinite(seconds) && seconds > 0 ? seconds : undefined);
}

export const unreachable = (): Refused =>
  new Refused({ status: 0, code: 'unreachable', detail: 'The server cannot be reached.' });

export const isRefusal = (error: unknown, code: string): error is Refused =>
  error instanceof Refused && error.code === code;

/** Tells whether the same request may succeed in a moment. A change is never repeated by itself. */
export const mayPass = (error: unknown): boolean =>
  error instanceof Refused &&
  (error.problem.status === 0 || error.problem.status === 429 || error.problem.status >= 500);
