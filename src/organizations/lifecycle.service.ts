import type { Access, Actor } from '../common/access/index.js';
import { changesOf, type Database, type Reader, type Tx } from '../database/index.js';
import type { AppError } from '../common/errors/index.js';
import { comparableName } from '../common/validation/index.js';
import { assertMatches, etagOf } from '../http/index.js';
import type { EventType, EventService } from '../events/index.js';
import type { LifecycleRow } from './lifecycle.dto.js';
import { type LifecycleStatus, lifecycleStatus } from './lifecycle.status.js';

/** Operations of a store on one organization or unit. `key` is its primary key, in order. */
export interface LifecycleStore<Row> {
  find(reader: Reader, key: string[]): Promise<Row | null>;
  lock(tx: Tx, key: string[]): Promise<Row | null>;
  update(tx: Tx, key: string[], changes: Partial<Row>): Promise<void>;
  setSuspended(tx: Tx, key: string[], suspended: boolean): Promise<void>;
  setDeleted(tx: Tx, key: string[], deletedBy: string | null): Promise<void>;
  setRestored(tx: Tx, key: string[]): Promise<void>;
}

type LifecycleErrors = Record<
  'not_found' | 'slug_immutable' | 'confirmation_mismatch' | 'pending_deletion' | 'purge_started',
  () => AppError
>;

export interface LifecycleKind {
  name: 'organization' | 'unit';
  errors: LifecycleErrors;
}

/** Implements `active ⇄ suspended`, `→ pending_deletion` and back, for organizations and units. */
export abstract class LifecycleService<A extends Access, Row extends LifecycleRow> {
  protected constructor(
    protected readonly db: Database,
    protected readonly store: LifecycleStore<Row>,
    protected readonly events: EventService,
    private readonly kind: LifecycleKind,
  ) {}

  protected abstract key(access: A): string[];
  /** Tells whether the caller may change the slug. */
  protected abstract mayChangeSlug(access: A): boolean;

  async get(reader: Reader, key: string[]): Promise<Row> {
    const row = await this.store.find(reader, key);
    if (!row) throw this.kind.errors.not_found();
    return row;
  }

  /** Locks the row in any state until `tx` ends. */
  async lockRow(tx: Tx, key: string[]): Promise<Row> {
    const row = await this.store.lock(tx, key);
    if (!row) throw this.kind.errors.not_found();
    return row;
  }

  /** Locks the row until `tx` ends, and refuses it when it is deleted. */
  protected async lockLive(tx: Tx, key: string[]): Promise<Row> {
    const row = await this.lockRow(tx, key);
    if (row.deletedAt) throw this.kind.errors.pending_deletion();
    return row;
  }

  /** Locks the level above first. The fixed order is organization → unit. */
  protected lockAbove(_tx: Tx, _key: string[]): Promise<unknown> {
    return Promise.resolve();
  }

  /** Refuses changes that are not the caller's to make. */
  protected beforeEdit(_tx: Tx, _access: A, _changes: Partial<Row>): Promise<void> {
    return Promise.resolve();
  }

  /** Refuses to restore, for example when a limit is reached. */
  protected beforeRestore(_tx: Tx, _key: string[]): Promise<void> {
    return Promise.resolve();
  }

  /** Notifies the people concerned. */
  protected tell(_tx: Tx, _access: A, _row: Row, _what: 'deletion_scheduled' | 'restored'): Promise<void> {
    return Promise.resolve();
  }

  protected edit(access: A, wanted: Partial<Row>, ifMatch: string | undefined): Promise<Row> {
    const key = this.key(access);
    return this.db.transaction(async (tx) => {
      await this.lockAbove(tx, key);
      const row = await this.lockLive(tx, key);
      assertMatches(ifMatch, etagOf(row.version));
      const changes = changesOf(row, wanted);
      if (!changes) return row;
      if (changes.after.slug && !this.mayChangeSlug(access)) throw this.kind.errors.slug_immutable();
      await this.beforeEdit(tx, access, changes.after);
      await this.store.update(tx, key, changes.after);
      await this.record(tx, access.actor, key, 'updated', changes);
      return this.get(tx, key);
    });
  }

  protected setSuspended(access: A, suspended: boolean): Promise<Row> {
    const key = this.key(access);
    return this.db.transaction(async (tx) => {
      await this.lockAbove(tx, key);
      const row = await this.lockLive(tx, key);
      if ((row.suspendedAt !== null) === suspended) return row;
      await this.store.setSuspended(tx, key, suspended);
      await this.record(tx, access.actor, key, suspended ? 'suspended' : 'resumed');
      return this.get(tx, key);
    });
  }

  /** Schedules the deletion. From then on only callers who may restore it can see it. A second request keeps the first date. */
  scheduleDeletion(
    access: A,
    confirmName: string,
    ifMatch: string | undefined,
  ): Promise<{ status: 'pending_deletion'; purgeAt: string }> {
    const key = this.key(access);
    return this.db.transaction(async (tx) => {
      await this.lockAbove(tx, key);
      let row = await this.lockRow(tx, key);
      assertMatches(ifMatch, etagOf(row.version));
      if (comparableName(row.name) !== comparableName(confirmName)) throw this.kind.errors.confirmation_mismatch();
      if (!row.deletedAt) {
        await this.store.setDeleted(tx, key, access.actor.userId);
        row = await this.get(tx, key);
        await this.record(tx, access.actor, key, 'deletion_scheduled', {
          after: { name: row.name, purgeAt: row.purgeAt },
        });
        await this.tell(tx, access, row, 'deletion_scheduled');
      }
      return { status: 'pending_deletion', purgeAt: row.purgeAt?.toISOString() ?? '' };
    });
  }

  /** Restores the previous state. Without a scheduled deletion nothing changes. */
  protected takeBack(access: A): Promise<Row> {
    const key = this.key(access);
    return this.db.transaction(async (tx) => {
      await this.lockAbove(tx, key);
      const row = await this.lockRow(tx, key);
      if (!row.deletedAt) return row;
      if (row.purgeStartedAt) throw this.kind.errors.purge_started();
      await this.beforeRestore(tx, key);
      await this.store.setRestored(tx, key);
      const restored = await this.get(tx, key);
      const status: LifecycleStatus = lifecycleStatus(restored);
      await this.record(tx, access.actor, key, 'restored', { after: { status } });
      await this.tell(tx, access, restored, 'restored');
      return restored;
    });
  }

  protected record(
    tx: Tx,
    actor: Actor,
    key: string[],
    what: 'created' | 'updated' | 'suspended' | 'resumed' | 'deletion_scheduled' | 'restored',
    changes: { before?: object; after?: object } = {},
  ): Promise<void> {
    const type: EventType = `${this.kind.name}.${what}`;
    const subject = { type: this.kind.name, id: key.at(-1) ?? '' };
    return this.events.record(tx, { kind: 'organization', id: key[0] ?? '' }, { type, actor, subject, ...changes });
  }
}
