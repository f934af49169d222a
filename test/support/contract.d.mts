export interface Exchange {
  method: string;
  url: string;
  status: number;
  headers: Headers;
  text: string;
  /** What was sent as JSON, where anything was. */
  sent?: unknown;
}

/** Throws when the response is not what openapi.json says. */
export function assertDocumented(exchange: Exchange): void;
