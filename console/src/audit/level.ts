import {
  type EventType,
  type EventView,
  exportOperatorEvents,
  exportOrganizationEvents,
  listOperatorEvents,
  type ListOperatorEventsData,
  listOrganizationEvents,
  verifyOperatorEvents,
  verifyOrganizationEvents,
} from '@trellis/client';
import { queryOptions } from '@tanstack/react-query';
import { pages } from '../api/pages';

/** The filters of the audit log, as its address names them. */
export interface AuditFilter {
  type?: EventType | undefined;
  actorId?: string | undefined;
  subjectId?: string | undefined;
  /** Days, in the time zone of the operator. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface AuditSearch extends AuditFilter {
  /** The event in the drawer. */
  event?: string | undefined;
}

/** An event, and the names of what it mentions by id. */
export interface AuditEntry extends EventView {
  names: Record<string, string>;
}

/** `undefined` is the audit log of the operator. */
export type AuditLevel = { orgId: string } | undefined;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);
const day = (value: unknown): string | undefined => (typeof value === 'string' && DAY.test(value) ? value : undefined);

export const auditSearch = (search: Record<string, unknown>): AuditSearch => {
  const found = {
    type: text(search.type) as EventType | undefined,
    actorId: text(search.actorId),
    subjectId: text(search.subjectId),
    from: day(search.from),
    to: day(search.to),
    event: text(search.event),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};

/** Leaves out what does not narrow the list down. */
export const filterOf = ({ type, actorId, subjectId, from, to }: AuditSearch): AuditFilter => ({
  type,
  actorId,
  subjectId,
  from,
  to,
});

const queryOf = ({ type, actorId, subjectId, from, to }: AuditFilter) => ({
  ...(type && { type }),
  ...(actorId && { actorId }),
  ...(subjectId && { subjectId }),
  ...(from && { from }),
  ...(to && { to }),
});

export const auditLog = (level: AuditLevel, filter: AuditFilter) =>
  pages<AuditEntry>(['audit', level?.orgId ?? null, queryOf(filter)], async (page, signal) => {
    return { data: await readEvents(level, { ...page, ...queryOf(filter) }, signal) };
  });

/** One event, which may be far down the list. Null if it is not in this log. */
export const auditEvent = (level: AuditLevel, id: string) =>
  queryOptions({
    queryKey: ['audit-event', level?.orgId ?? null, id],
    queryFn: async ({ signal }) => (await readEvents(level, { id }, signal)).items[0] ?? null,
    staleTime: Infinity,
  });

async function readEvents(
  level: AuditLevel,
  filter: NonNullable<ListOperatorEventsData['query']>,
  signal: AbortSignal,
) {
  const query = { ...filter, names: true };
  const { data } = await (level
    ? listOrganizationEvents({ path: level, query, signal })
    : listOperatorEvents({ query, signal }));
  const names = (data.names ?? {}) as Record<string, string>;
  return { ...data, items: data.items.map((event): AuditEntry => ({ ...event, names })) };
}

export const verifyAudit = async (level: AuditLevel) =>
  (await (level ? verifyOrganizationEvents({ path: level }) : verifyOperatorEvents())).data;

export async function exportAudit(level: AuditLevel, filter: AuditFilter, format: 'csv' | 'ndjson'): Promise<Blob> {
  const query = { ...queryOf(filter), format };
  const answer = await (level
    ? exportOrganizationEvents({ path: level, query, parseAs: 'blob' })
    : exportOperatorEvents({ query, parseAs: 'blob' }));
  return answer.data;
}
