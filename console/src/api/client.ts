import { client } from '@trellis/client';
import { QueryClient } from '@tanstack/react-query';
import { apiBase } from '../start';
import { mayPass, refusalOf, unreachable, type Problem } from './problem';
import { session } from './session';
import { stepUp, type StepUpRequest } from './stepUp';

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
    if (attempt === 0 && response.status === 401) token = await tokenOrWait(token);
    else if (!(await provedAgain(request, response))) return response;
  }
}

/**
 * Asks the user for a fresh proof if the request needs one. Then the request is repeated. Returns false for every other
 * response, and if the user did not want to.
 */
async function provedAgain({ url }: Request, response: Response): Promise<boolean> {
  if (response.status !== 403 || url.includes('/account/step-up')) return false;
  const problem = (await response.clone().json()) as Problem & Partial<StepUpRequest>;
  if (problem.code !== 'auth.step_up_required' || !problem.methods) return false;
  return stepUp.ask({ methods: problem.methods, connectionId: problem.connectionId });
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
