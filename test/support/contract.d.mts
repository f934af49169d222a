export interface Exchange {
  method: string;
  url: string;
  status: number;
  headers: Headers;
  text: string;
  /** The JSON body of the request, if any. */
  sent?: unknown;
}

/** Throws when the response does not match openapi.json. */
export function assertDocumented(exchange: Exchange): void;
