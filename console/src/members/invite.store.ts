import { createInvitations, type Role } from '@trellis/client';
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { queryClient } from '../api/client';
import { mayPass, Refused } from '../api/problem';
import { toast } from '../frame/toast';

/** What the user typed. */
export interface Draft {
  text: string;
  role: Role;
  roleIds: string[];
  units: { value: string; label: string }[];
  message: string;
}

export interface Outcome {
  email: string;
  state: 'waiting' | 'created' | 'refused';
  refusal?: Refused;
}

interface Invite {
  draft: Draft;
  /** Null until the invitations are sent. */
  outcomes: Outcome[] | null;
  running: boolean;
  /** Why the rest was not sent. */
  stopped: Refused | null;
  /** A request whose answer did not arrive. It is repeated with the same key, so that it takes effect once. */
  unanswered: { emails: string[]; key: string } | null;
}

const EMPTY: Invite = {
  draft: { text: '', role: 'user', roleIds: [], units: [], message: '' },
  outcomes: null,
  running: false,
  stopped: null,
  unanswered: null,
};
/** So few that progress shows, and so many that 1000 addresses take a minute. */
const CHUNK = 10;

/** By organization. Kept outside of pages, so that invitations go on and drafts stay while the user looks elsewhere. */
const invites = new Map<string, Invite>();
const listeners = new Set<() => void>();

const inviteOf = (orgId: string): Invite => invites.get(orgId) ?? EMPTY;

function update(orgId: string, change: Partial<Invite>): void {
  invites.set(orgId, { ...inviteOf(orgId), ...change });
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useInvite = (orgId: string): Invite => useSyncExternalStore(subscribe, () => inviteOf(orgId));

export const setDraft = (orgId: string, change: Partial<Draft>): void =>
  update(orgId, { draft: { ...inviteOf(orgId).draft, ...change } });

/** Begins again, with `text` in the field of addresses. */
export const beginAgain = (orgId: string, text = ''): void =>
  update(orgId, { ...EMPTY, draft: { ...inviteOf(orgId).draft, text } });

export const isUnfinished = ({ running, draft, outcomes }: Invite): boolean =>
  running || (outcomes === null && draft.text.trim() !== '');

/** Asks before the page is closed while addresses would be lost. */
window.addEventListener('beforeunload', (event) => {
  if ([...invites.values()].some(isUnfinished)) event.preventDefault();
});

const settle = (orgId: string, results: Map<string, Omit<Outcome, 'email'>>): void =>
  update(orgId, {
    outcomes: (inviteOf(orgId).outcomes ?? []).map((one) => ({ ...one, ...results.get(one.email) })),
  });

const refusalOf = (code = 'internal_error', detail = ''): Refused => new Refused({ status: 422, code, detail });

/** Returns the refusals of single items in a request that was refused as a whole. */
function refusedItems(error: Refused, emails: string[]): Map<string, Omit<Outcome, 'email'>> {
  const refused = new Map<string, Omit<Outcome, 'email'>>();
  for (const { field, message } of error.problem.errors ?? []) {
    const email = emails[Number(/^items\.(\d+)\./.exec(field)?.[1])];
    if (email) refused.set(email, { state: 'refused', refusal: refusalOf('validation_failed', message) });
  }
  return refused;
}

/** Sends invitations to these addresses, some at a time. Resolves when all have an outcome or the rest cannot be sent. */
export function sendInvitations(orgId: string, emails: string[]): Promise<void> {
  update(orgId, { outcomes: emails.map((email) => ({ email, state: 'waiting' })) });
  return resumeInvitations(orgId);
}

/** How many dialogs show the progress now. Elsewhere a message tells about the end. */
let watching = 0;
export function watchInvitations(): () => void {
  watching += 1;
  return () => void (watching -= 1);
}

async function tellEnd(orgId: string): Promise<void> {
  if (watching > 0) return;
  await i18next.loadNamespaces('invitations');
  const outcomes = inviteOf(orgId).outcomes ?? [];
  const created = outcomes.filter(({ state }) => state === 'created').length;
  const open = outcomes.length - created;
  const sent = i18next.t('invitations:sent', { count: created });
  toast(open > 0 ? `${sent} · ${i18next.t('invitations:needsLook', { count: open })}` : sent, { error: open > 0 });
}

export async function resumeInvitations(orgId: string): Promise<void> {
  if (inviteOf(orgId).running) return;
  update(orgId, { running: true, stopped: null });
  try {
    while (await sendChunk(orgId));
  } finally {
    update(orgId, { running: false });
    void queryClient.invalidateQueries({ queryKey: ['invitations', orgId] });
    void tellEnd(orgId);
  }
}

/** Returns whether to go on. */
async function sendChunk(orgId: string): Promise<boolean> {
  const { outcomes, draft, unanswered } = inviteOf(orgId);
  const waiting = (outcomes ?? []).filter(({ state }) => state === 'waiting').map(({ email }) => email);
  if (waiting.length === 0) return false;
  const { emails, key } = unanswered ?? { emails: waiting.slice(0, CHUNK), key: crypto.randomUUID() };
  const { role, roleIds, units, message } = draft;
  const shared = {
    role,
    ...(roleIds.length > 0 && { roleIds }),
    ...(units.length > 0 && { unitIds: units.map(({ value }) => value) }),
    ...(message.trim() && { message: message.trim() }),
  };
  try {
    const { data } = await createInvitations({
      path: { orgId },
      body: { items: emails.map((email) => ({ email, ...shared })) },
      headers: { 'Idempotency-Key': key },
    });
    const results = data.results.map(({ status, code, detail }, index): [string, Omit<Outcome, 'email'>] => [
      emails[index] ?? '',
      status === 'created' ? { state: 'created' } : { state: 'refused', refusal: refusalOf(code, detail) },
    ]);
    settle(orgId, new Map(results));
    update(orgId, { unanswered: null });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const refused = refusedItems(error, emails);
    settle(orgId, refused);
    if (refused.size > 0) {
      update(orgId, { unanswered: null });
      return true;
    }
    update(orgId, { stopped: error, unanswered: mayPass(error) ? { emails, key } : null });
    return false;
  }
}
