import { ACTOR_TYPES } from '../common/access/index.js';
import { DateTimeField, EnumField, ObjectField, TextField, UuidField } from '../common/validation/index.js';
import { EVENT_TYPES } from '../events/index.js';

export class ActivityActorView {
  @EnumField(ACTOR_TYPES)
  type: string;

  @UuidField({ nullable: true })
  id: string | null;

  @TextField({
    nullable: true,
    description:
      'Null for the system, and for API keys that no longer exist. Staff of the operator who never belonged to the organization appear under the name of the operator, except to staff.',
  })
  name: string | null;
}

export class ActivitySubjectView {
  @TextField({ example: 'member' })
  type: string;

  @TextField()
  id: string;

  @TextField({
    nullable: true,
    max: 500,
    description:
      'The name of what was changed, if it has one. Of changes of the members of a unit, the name of the member.',
  })
  name: string | null;
}

/** An event of the audit log in short. */
export class ActivityView {
  @UuidField()
  id: string;

  @EnumField(EVENT_TYPES, { name: 'EventType' })
  type: string;

  @DateTimeField()
  occurredAt: string;

  @ObjectField(() => ActivityActorView)
  actor: ActivityActorView;

  @ObjectField(() => ActivitySubjectView)
  subject: ActivitySubjectView;
}
