const MAX_CAUSES = 4;
const MAX_STACK_LENGTH = 8000;
/** Properties that describe an error and contain no personal data. Parameters of statements and rows are excluded. */
const FACTS = ['code', 'constraint', 'table', 'column', 'routine', 'syscall', 'query'] as const;
const MAX_FACT_LENGTH = 1000;

/** Describes an error for the log: class, message, stack and causes. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error).slice(0, MAX_FACT_LENGTH) };
  const description: Record<string, unknown> = {
    type: error.name,
    message: error.message,
    stack: error.stack?.slice(0, MAX_STACK_LENGTH),
  };
  for (const fact of FACTS) {
    const value = (error as unknown as Record<string, unknown>)[fact];
    if (typeof value === 'string') description[fact] = value.slice(0, MAX_FACT_LENGTH);
  }
  if (error.cause !== undefined && depth < MAX_CAUSES) description.cause = describeError(error.cause, depth + 1);
  if (error instanceof AggregateError && depth < MAX_CAUSES) {
    description.errors = error.errors.slice(0, MAX_CAUSES).map((one: unknown) => describeError(one, depth + 1));
  }
  return description;
}
