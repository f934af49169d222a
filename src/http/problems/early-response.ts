/** Thrown by a guard that knows the response. Nest has no other way to skip the handler. */
export class EarlyResponse {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly body: unknown,
  ) {}
}
