import { assertDocumented } from './contract.mjs';

/** What a route answered. `body` is the JSON, or the text when it is none. */
export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: T;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Speaks HTTP to one base URL as one person. */
export class Client {
  constructor(
    readonly base: string,
    readonly token?: string,
  ) {}

  as(token: string): Client {
    return new Client(this.base, token);
  }

  /** The same person at another server or operator. */
  at(base: string): Client {
    return new Client(base, this.token);
  }

  get<T = any>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.request('GET', path, options);
  }

  post<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.request('POST', path, { ...options, body });
  }

  put<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.request('PUT', path, { ...options, body });
  }

  patch<T = any>(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.request('PATCH', path, { ...options, body });
  }

  delete<T = any>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    return this.request('DELETE', path, options);
  }

  async request<T = any>(
    method: string,
    path: string,
    { body, headers = {} }: RequestOptions = {},
  ): Promise<Answer<T>> {
    const form = body instanceof FormData || body instanceof URLSearchParams;
    const raw = typeof body === 'string' || form;
    const url = /^https?:/.test(path) ? path : this.base + path;
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && !form && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const sent = raw ? undefined : body;
    assertDocumented({ method, url, status: response.status, headers: response.headers, text, sent });
    let parsed: unknown = text;
    if (
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '')
    ) {
      parsed = text ? JSON.parse(text) : null;
    }
    return { status: response.status, headers: response.headers, body: parsed as T };
  }
}
