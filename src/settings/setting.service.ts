import { Injectable } from '@nestjs/common';
import { Database, type Reader, type Tx } from '../database/index.js';
import { commonErrors } from '../common/errors/index.js';
import type { FieldName } from '../common/inheritance/index.js';
import { assertMatches } from '../http/index.js';
import { EventService } from '../events/index.js';
import type { NamedPlace, Place, SettingChange, SettingKind, SettingLevel, SettingState } from './setting.kind.js';
import { assertUnlocked, planChange, stateOf } from './setting.state.js';
import { SettingStore } from './setting.store.js';

/** Manages settings that flow down operator → organization → unit. A `SettingKind` describes their fields. */
@Injectable()
export class SettingService {
  constructor(
    private readonly db: Database,
    private readonly store: SettingStore,
    private readonly events: EventService,
  ) {}

  /** Runs one query. */
  read<V extends object>(kind: SettingKind<V>, place: Place): Promise<SettingState<V>> {
    return this.readIn(this.db.reader, kind, place);
  }

  async readIn<V extends object>(reader: Reader, kind: SettingKind<V>, place: Place): Promise<SettingState<V>> {
    return stateOf(kind, found(await this.store.path(reader, kind.name, place)));
  }

  /** Runs one query. Does not find levels that are pending deletion. */
  async readBySlug<V extends object>(kind: SettingKind<V>, place: NamedPlace): Promise<SettingState<V>> {
    return stateOf(kind, found(await this.store.pathBySlug(this.db.reader, kind.name, place)));
  }

  /**
   * Sets and resets fields of one level and returns the new state. Concurrent changes of a level run one after the other.
   * Levels above need no lock: if one locks a field meanwhile, its lock hides the value that is stored here.
   */
  async change<V extends object>(
    tx: Tx,
    kind: SettingKind<V>,
    place: Place,
    change: SettingChange<V>,
  ): Promise<SettingState<V>> {
    await change.lock(tx);
    await this.store.lock(tx, kind.name, place);
    const path = found(await this.store.path(tx, kind.name, place));
    const state = stateOf(kind, path);
    assertMatches(change.ifMatch, state.etag);
    assertUnlocked(kind, state, Object.keys(change.set ?? {}) as FieldName<V>[]);

    const current = path.at(-1);
    const planned = current && planChange(kind, current, change);
    if (!planned) return state;
    await this.store.write(tx, kind.name, place, planned.values, planned.locks);
    await this.events.record(tx, streamOf(place), {
      type: kind.changed,
      actor: change.actor,
      subject: { type: current.level, id: current.id },
      before: planned.before,
      after: planned.after,
    });
    const { values, locks } = planned;
    return stateOf(kind, [...path.slice(0, -1), { ...current, values, locks, version: current.version + 1 }]);
  }
}

function found(path: SettingLevel[] | null): SettingLevel[] {
  if (!path) throw commonErrors.not_found();
  return path;
}

const streamOf = ({ operatorId, organizationId }: Place) =>
  organizationId === undefined
    ? ({ kind: 'operator', id: operatorId } as const)
    : ({ kind: 'organization', id: organizationId } as const);
