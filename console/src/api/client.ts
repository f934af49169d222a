import { client } from '@trellis/client';
import { QueryClient } from '@tanstack/react-query';
import { apiBase } from '../start';
import { mayPass, refusalOf, unreachable, type Problem } from './problem';
import { session } from './session';

/**
 * Sends a request with the access token: after a 401 once more with a new one, and after the end of the session once the
 * user signed in again, so that nothing that was typed is lost.
 */
async function authorizedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  let token = await tokenOrWait();
  for (let attempt = 0; ; attempt++) {
    const copy = request.clone();
    copy.headers.set('authorization', `Bearer ${token}`);
    const response = await send(copy);
    if (response.status !== 401 || attempt > 0) return response;
    token = await tokenOrWait(token);
  }
}

async function tokenOrWait(rejected?: string): Promise<string> {
  for (;;) {
    try {
      return await session.accessToken(rejected);
    } catch (error) {
      if (session.state !== 'expired') throw error;
      await session.signedInAgain();
    }
  }
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

/** Sets up the generated client. Runs once, before anything is rendered. */
export const configureClient = (): void => setUpClient(client, apiBase);

/** Makes a generated client send the access token, and throw what the server refuses. */
export function setUpClient(generated: Pick<typeof client, 'setConfig' | 'interceptors'>, baseUrl: string): void {
  generated.setConfig({
    baseUrl,
    fetch: authorizedFetch,
    credentials: 'omit',
    throwOnError: true,
  });
  generated.interceptors.error.use((error, response) =>
    error instanceof Error ? error : refusalOf(error as Problem, response),
  );
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && mayPass(error),
      // Requests that fail offline show the refusal; the offline bar says why.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
