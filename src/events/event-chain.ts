import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What the hash of an event covers: everything about it but the hash. */
export interface ChainedEvent {
  seq: string;
  id: string;
  occurredAt: Date;
  type: string;
  actorType: string;
  actorId: string | null;
  subjectType: string;
  subjectId: string;
  before: unknown;
  after: unknown;
  requestId: string;
  ip: string | null;
}

/** Whose events they are. */
export interface Stream {
  kind: 'organization' | 'operator';
  id: string;
}

/** What stands for the hash before the first event: a whole log moved to another organization does not fit there. */
export const chainStart = ({ kind, id }: Stream): string => `${kind}:${id}`;

/** SHA-256 (hex) over the hash before and the event in canonical JSON (RFC 8785). */
export function hashEvent(previousHash: string, event: ChainedEvent): string {
  const { seq, id, occurredAt, type, actorType, actorId, subjectType, subjectId, before, after, requestId, ip } = event;
  const content = canonicalize([
    seq,
    id,
    occurredAt.toISOString(),
    type,
    actorType,
    actorId,
    subjectType,
    subjectId,
    before,
    after,
    requestId,
    ip,
  ]);
  return createHash('sha256').update(`${previousHash}\n${content}`).digest('hex');
}
