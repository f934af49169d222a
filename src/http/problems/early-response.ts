/** Thrown where an answer is known already, such as by a guard: nothing else keeps a handler from being run. */
export class EarlyResponse {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly body: unknown,
  ) {}
}
