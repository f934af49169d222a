import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';
import { PUBLICATION_STATES, type PublicationState } from './content.types.js';

/**
 * The publication of one version: how far its events are written. Organizations can use the version from `startedAt`, whatever
 * the progress is.
 */
@Entity('content_publications')
@ForeignKey('ContentItem', ['itemId'], ['id'])
@Check('content_publications_state_check', `state in ('${PUBLICATION_STATES.join("', '")}')`)
@Index('content_publications_item_id_idx', ['itemId', 'createdAt'])
// Two requests at once begin one publication.
@Index('content_publications_active_key', ['itemId'], {
  unique: true,
  where: "state = 'scheduled' or state = 'publishing'",
})
@Index('content_publications_worked_at_idx', ['workedAt'], { where: "state = 'publishing'" })
@Index('content_publications_scheduled_at_idx', ['scheduledAt'], { where: "state = 'scheduled'" })
export class ContentPublication {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  itemId: string;

  /** The version. */
  @Column({ type: 'integer' })
  number: number;

  @TextColumn()
  state: PublicationState;

  @TimestampColumn({ nullable: true })
  scheduledAt: Date | null;

  /** Organizations of the audience when the publication started. */
  @Column({ type: 'integer', default: 0 })
  total: number;

  /** Organizations whose event is written. */
  @Column({ type: 'integer', default: 0 })
  done: number;

  /** The last organization that was worked on. It moves in the transaction that writes the events. */
  @IdColumn({ nullable: true })
  cursor: string | null;

  /** Who published: the actor of all events. */
  @TextColumn()
  actorType: string;

  @IdColumn({ nullable: true })
  actorId: string | null;

  @TextColumn()
  requestId: string;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  startedAt: Date | null;

  @TimestampColumn({ nullable: true })
  finishedAt: Date | null;

  /** Publications that run at the same time take turns, the one that waited longest first. */
  @TimestampColumn({ nullable: true })
  workedAt: Date | null;
}

/** An organization whose event could not be written. It is tried again. */
@Entity('content_publication_failures')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('ContentPublication', ['publicationId'], ['id'])
@Index('content_publication_failures_publication_id_idx', ['publicationId'])
export class ContentPublicationFailure {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  publicationId: string;
}
