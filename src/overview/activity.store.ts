import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { type EventReader, type Stream, userNameFor } from '../events/index.js';
import type { ActivityView } from './activity.dto.js';

/** Most events of an overview. */
const SHOWN = 10;
/** Events among which those to show are looked for, so that the query is bounded. */
const LOOKED_AT = 500;
/** Every sign-in is an event. They would hide all others. */
const LEFT_OUT = ['session', 'sign_in'];
const SUBJECTS_WITH_USER_ID = ['member', 'operator_member', 'user'];

const TABLES = {
  organization: { events: 'organization_events', owner: 'organization_id' },
  operator: { events: 'operator_events', owner: 'operator_id' },
} as const;

interface Row {
  id: string;
  type: string;
  occurredAt: Date;
  actorType: string;
  actorId: string | null;
  actorName: string | null;
  subjectType: string;
  subjectId: string;
  subjectName: string | null;
}

@Injectable()
export class ActivityStore {
  /** Returns the newest events of a stream, with names, in one query. */
  async newest(reader: Reader, { kind, id }: Stream, viewer: EventReader): Promise<ActivityView[]> {
    const { events, owner } = TABLES[kind];
    const nameOf = (user: string) => (kind === 'organization' ? userNameFor(viewer, user, '$1') : `${user}.name`);
    const rows = await reader.rows<Row>(
      `select e.id, e.type, e.occurred_at as "occurredAt", e.actor_type as "actorType", e.actor_id as "actorId",
         coalesce(case when a.id is not null then ${nameOf('a')} end, k.name, ok.name) as "actorName", e.subject_type as "subjectType", e.subject_id as "subjectId",
         coalesce(case when s.id is not null then ${nameOf('s')} end, e.after ->> 'name', e.before ->> 'name', e.after ->> 'email', e.before ->> 'email',
           e.after ->> 'title', e.before ->> 'title', e.after ->> 'key', e.before ->> 'key') as "subjectName"
       from (select * from (select * from ${events} where ${owner} = $1 order by seq desc limit ${LOOKED_AT}) n
         where split_part(n.type, '.', 1) <> all ($2::text[]) order by n.seq desc limit ${SHOWN}) e
       left join users a on a.id = e.actor_id
       left join organization_api_keys k on k.organization_id = $1 and k.id = e.actor_id
       left join operator_api_keys ok on ok.id = e.actor_id
       left join users s on s.id = case
         when e.subject_type = any ($3::text[]) and e.subject_id ~ '^[0-9a-f-]{36}$' then e.subject_id::uuid
         when e.type like 'unit_member.%' then coalesce(e.after ->> 'userId', e.before ->> 'userId')::uuid end
       order by e.seq desc`,
      [id, LEFT_OUT, SUBJECTS_WITH_USER_ID],
    );
    return rows.map((row) => ({
      id: row.id,
      type: row.type,
      occurredAt: row.occurredAt.toISOString(),
      actor: { type: row.actorType, id: row.actorId, name: row.actorName },
      subject: { type: row.subjectType, id: row.subjectId, name: row.subjectName },
    }));
  }
}
