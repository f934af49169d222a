import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/index.js';
import { bareHost, PrivateHosts } from './private-hosts.js';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

export type OutgoingReason = 'address_not_allowed' | 'not_https' | 'unreachable' | 'timeout' | 'too_large';

/** Reports why an outgoing request was not sent or its response was not read. */
export class OutgoingError extends Error {
  constructor(
    readonly reason: OutgoingReason,
    message: string,
  ) {
    super(message);
  }
}

/** Subset of the options of `fetch` that our libraries use. */
interface OutgoingRequest {
  method?: string | undefined;
  headers?: Record<string, string> | Headers | undefined;
  body?: unknown;
  signal?: AbortSignal | null | undefined;
}

/**
 * Sends requests to hosts that customers configure. Allows only public addresses, and connects to the address that was
 * checked, so DNS cannot change it in between. Requires TLS, follows no redirects, and limits time and size.
 * `ALLOWED_PRIVATE_HOSTS` lists exceptions.
 */
@Injectable()
export class Outgoing {
  private readonly hosts: PrivateHosts;

  constructor(config: Config) {
    this.hosts = new PrivateHosts(config.allowedPrivateHosts);
  }

  /** Returns why a URL is not allowed, before any request, or null. */
  objectionTo(url: URL): OutgoingReason | null {
    const host = bareHost(url.hostname);
    const configured = this.hosts.allowsHost(host);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && configured)) return 'not_https';
    if (url.username || url.password) return 'address_not_allowed';
    const isPrivate = isIP(host) ? !this.hosts.allowsAddress(host, host) : /(^|\.)localhost$/.test(host) && !configured;
    return isPrivate ? 'address_not_allowed' : null;
  }

  /** Works like the global `fetch`. Throws `OutgoingError`. */
  readonly fetch = async (input: string | URL, init: OutgoingRequest = {}): Promise<Response> => {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])]);
    return this.request(new URL(input), init, signal, read);
  };

  /**
   * Posts to a receiver, and keeps the beginning of its response. What follows is not read, however long it is. A response that
   * does not end in time counts with what arrived. Throws `OutgoingError`.
   */
  post(
    url: URL,
    {
      headers,
      body,
      timeoutMs,
      keptBytes,
    }: { headers: Record<string, string>; body: string; timeoutMs: number; keptBytes: number },
  ): Promise<{ status: number; beginning: string }> {
    return this.request(url, { method: 'POST', headers, body }, AbortSignal.timeout(timeoutMs), (response) =>
      readBeginning(response, keptBytes),
    );
  }

  /** Sends a request to an allowed address. Throws nothing but `OutgoingError`. */
  private async request<T>(
    url: URL,
    init: OutgoingRequest,
    signal: AbortSignal,
    readResponse: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const objection = this.objectionTo(url);
    if (objection) throw new OutgoingError(objection, `${url.origin}: ${objection}`);
    try {
      return await this.send(url, init, signal, readResponse);
    } catch (error) {
      if (error instanceof OutgoingError) throw error;
      if (signal.aborted) throw new OutgoingError('timeout', `${url.origin} did not answer in time`);
      throw new OutgoingError('unreachable', `${url.origin}: ${error instanceof Error ? error.message : 'failed'}`);
    }
  }

  private send<T>(
    url: URL,
    { method = 'GET', headers, body }: OutgoingRequest,
    signal: AbortSignal,
    readResponse: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const bytes = body === undefined || body === null ? null : bytesOf(body);
    return new Promise<T>((resolve, reject) => {
      const options = {
        method,
        signal,
        agent: false,
        lookup: this.lookup,
        headers: {
          ...Object.fromEntries(new Headers(headers)),
          ...(bytes && { 'content-length': String(bytes.byteLength) }),
        },
      };
      let hasAnswered = false;
      const answered = (response: IncomingMessage) => {
        hasAnswered = true;
        readResponse(response).then(resolve, reject);
      };
      const request: ClientRequest =
        url.protocol === 'http:' ? requestHttp(url, options, answered) : requestHttps(url, options, answered);
      request.on('error', reject);
      // Node.js reports neither a response nor an error when a server switches protocols, and the signal is too late then.
      request.on('close', () => {
        if (!hasAnswered) reject(new Error('closed without a response'));
      });
      request.end(bytes ?? undefined);
    });
  }

  /** Rejects a host name if any of its addresses is not allowed. */
  private readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.addressesOf(hostname, Number(options.family ?? 0)).then(
      ([first, ...more]) =>
        options.all ? callback(null, [first, ...more]) : callback(null, first.address, first.family),
      (error: Error) => callback(error, '', 0),
    );
  };

  private async addressesOf(hostname: string, family: number): Promise<[LookupAddress, ...LookupAddress[]]> {
    const found = await lookup(hostname, { all: true, verbatim: true });
    const refused = found.find(({ address }) => !this.hosts.allowsAddress(hostname, address));
    if (refused) throw new OutgoingError('address_not_allowed', `${hostname} is at ${refused.address}`);
    const [first, ...more] = found.filter((one) => family === 0 || one.family === family);
    if (!first) throw new OutgoingError('unreachable', `${hostname} has no address`);
    return [first, ...more];
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof URLSearchParams) return Buffer.from(body.toString());
  if (body instanceof Uint8Array) return body;
  throw new TypeError('a body of this kind cannot be sent');
}

/** Reads the whole response, and rejects while reading if it exceeds the limit. */
async function read(response: IncomingMessage): Promise<Response> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BYTES) {
      response.destroy();
      throw new OutgoingError('too_large', 'the response is larger than 1 MiB');
    }
    parts.push(part);
  }
  const status = response.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  const empty = [101, 204, 205, 304].includes(status);
  return new Response(empty ? null : Buffer.concat(parts), { status: status < 200 ? 502 : status, headers });
}

/** Reads up to `keptBytes` and closes the connection then. An error after the headers ends the response. */
async function readBeginning(
  response: IncomingMessage,
  keptBytes: number,
): Promise<{ status: number; beginning: string }> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length >= keptBytes) break;
    }
  } catch {
    // The status has arrived, and it decides.
  }
  response.destroy();
  return {
    status: response.statusCode ?? 502,
    beginning: Buffer.concat(parts).subarray(0, keptBytes).toString('utf8'),
  };
}
