import { apiBase, consoleBase } from '../start';
import { Refused, refusalOf, unreachable, type Problem } from './problem';

/**
 * The session of this browser. The refresh token is in a cookie that scripts cannot read. The access token is kept in the
 * memory of each tab and nowhere else. All tabs share one session:
 * - One tab refreshes at a time (Web Locks), because a refresh token that is used twice ends the session.
 * - A tab tells the others about its new access token (BroadcastChannel), so that they need not refresh.
 */
interface Token {
  accessToken: string;
  /** By the clock of this device. */
  expiresAt: number;
  userId: string;
}

export interface SignedIn {
  accessToken: string;
  expiresIn: number;
  user: { id: string; email: string; name: string };
  organization?: { id: string; name: string; slug: string; role: string };
  recoveryCodes?: string[];
}

/** `expired`: the session ended while the page was open. `signed-out`: on purpose, or there was none. */
type State = 'unknown' | 'signed-in' | 'signed-out' | 'expired';
type Message = { type: 'token'; token: Token } | { type: 'signed-out' };

const NAME = `trellis-session-${consoleBase}`;
/** A token is renewed this long before it expires, so that it does not expire on its way to the server. */
const EARLY_MS = 30_000;

/** Remembers that this browser may have a session, so that a first visit asks for none. */
const HINT = `${NAME}-started`;

let token: Token | null = null;
let refreshing: Promise<string> | null = null;
let state: State = 'unknown';
/** The user whose data this tab shows. */
let userId: string | null = null;
const listeners = new Set<() => void>();
const channel = new BroadcastChannel(NAME);
/** Called when another tab signed in or got a new token. */
const listenersToOthers = new Set<() => void>();

function become(next: State): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

function adopt(next: Token): void {
  localStorage.setItem(HINT, 'yes');
  // Another user signed in, here or in another tab: nothing of the last user may stay on the page.
  if (userId !== null && userId !== next.userId) return location.assign(`${consoleBase}/`);
  userId = next.userId;
  token = next;
  become('signed-in');
}

function forget(next: 'signed-out' | 'expired'): void {
  token = null;
  if (next === 'signed-out') {
    userId = null;
    localStorage.removeItem(HINT);
  }
  become(next);
}

channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
  if (data.type === 'signed-out') return forget('signed-out');
  adopt(data.token);
  for (const listener of listenersToOthers) listener();
});

const isFresh = (one: Token | null): one is Token => one !== null && one.expiresAt - Date.now() > EARLY_MS;

/** Calls a sign-in operation: with the cookie, without a bearer token. */
export const signInCall = <T>(path: string, body: unknown = {}): Promise<T> =>
  publicCall(path, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'trellis-session': 'cookie' },
    body: JSON.stringify(body),
  });

/** Mails a code to a user who is signed in. Without the cookie, the page of its link shows the code in this browser too. */
export const mailCode = (email: string): Promise<unknown> =>
  publicCall('magic-link', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  });

/** Reads something about signing in, which needs no session. */
export const signInQuery = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  publicCall(path, { credentials: 'omit', ...(signal && { signal }) });

async function publicCall<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${apiBase}/auth/${path}`, init);
  } catch {
    throw unreachable();
  }
  const text = await response.text();
  const answer: unknown = text ? JSON.parse(text) : undefined;
  if (!response.ok) throw refusalOf(answer as Problem, response);
  return answer as T;
}

/** Takes over the answer of a sign-in operation, for all tabs. */
export function take({ accessToken, expiresIn, user }: SignedIn): void {
  const next = { accessToken, expiresAt: Date.now() + expiresIn * 1000, userId: user.id };
  adopt(next);
  channel.postMessage({ type: 'token', token: next } satisfies Message);
}

async function renew(rejected: string | undefined): Promise<string> {
  // Another tab may have done it in the meantime.
  if (isFresh(token) && token.accessToken !== rejected) return token.accessToken;
  if (localStorage.getItem(HINT) === null)
    throw new Refused({ status: 401, code: 'unauthorized', detail: 'You are not signed in.' });
  const answer = await signInCall<SignedIn>('token');
  take(answer);
  return answer.accessToken;
}

/** Browsers offer locks on https and localhost only. Without one, two tabs that refresh at once may end the session. */
const oneTabAtATime = (task: () => Promise<string>): Promise<string> =>
  navigator.locks ? navigator.locks.request(NAME, task) : task();

function refresh(rejected?: string): Promise<string> {
  refreshing ??= oneTabAtATime(() => renew(rejected))
    .catch((error: unknown) => {
      if (error instanceof Refused && error.problem.status === 401)
        forget(state === 'signed-in' || state === 'expired' ? 'expired' : 'signed-out');
      throw error;
    })
    .finally(() => (refreshing = null));
  return refreshing;
}

export const session = {
  get state(): State {
    return state;
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  onSignedInElsewhere: (listener: () => void): (() => void) => {
    listenersToOthers.add(listener);
    return () => void listenersToOthers.delete(listener);
  },
  /** Returns a fresh access token. `rejected` is one that the server refused although it looked fresh. */
  accessToken: async (rejected?: string): Promise<string> =>
    isFresh(token) && token.accessToken !== rejected ? token.accessToken : refresh(rejected),
  /** Waits until the user signed in again over the page. Rejects once the user signed out instead. */
  signedInAgain: (): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = () => {
        if (state === 'expired') return;
        stop();
        if (state === 'signed-in') resolve();
        else reject(new Refused({ status: 401, code: 'unauthorized', detail: 'You signed out.' }));
      };
      const stop = session.subscribe(check);
      check();
    }),
  async signOut(): Promise<void> {
    // Signing out works offline too: the cookie stays, but this browser shows nothing any more.
    await signInCall('logout').catch(() => undefined);
    channel.postMessage({ type: 'signed-out' } satisfies Message);
    forget('signed-out');
  },
};
