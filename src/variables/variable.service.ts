import { Injectable } from '@nestjs/common';
import type { Actor } from '../common/access/index.js';
import { SecretBox } from '../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { commonErrors } from '../common/errors/index.js';
import type { LevelName, Locker } from '../common/inheritance/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import { OperatorService } from '../operators/index.js';
import { OrganizationService } from '../organizations/index.js';
import type { Place } from '../settings/index.js';
import { UnitService } from '../units/index.js';
import {
  type EffectiveVariablesView,
  etagOf,
  type PutVariable,
  toVariableView,
  type VariableQuery,
  type VariableView,
} from './variable.dto.js';
import { variableErrors } from './variable.errors.js';
import { assertSettable } from './variable.key.js';
import { assertPreconditions, type Preconditions } from './variable.preconditions.js';
import { type Resolved, resolve } from './variable.resolve.js';
import { type VariableRow, VariableStore } from './variable.store.js';

/** Who changes a variable of which level, and what he expects to find there. */
export interface VariableEdit {
  place: Place;
  actor: Actor;
  conditions: Preconditions;
}

/** What holds for one key. */
export interface EffectiveVariable {
  /** In the clear, whether it is secret or not: whoever shows it to people looks at `secret` first. */
  value: string;
  secret: boolean;
  builtIn: boolean;
  source: Locker;
}

const PURPOSE = 'variable';
const MAX_PER_LEVEL = 200;

/** Keys and values that flow down operator → organization → unit; the nearest level wins. */
@Injectable()
export class VariableService {
  constructor(
    private readonly db: Database,
    private readonly store: VariableStore,
    private readonly secrets: SecretBox,
    private readonly events: EventService,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly units: UnitService,
  ) {}

  /**
   * What holds at the deepest level that is named, built-in keys included and secrets decrypted, for `substitute` and for
   * workloads; one query. It asks nobody's permission, and whether the place is suspended or deleted is the caller's to
   * know. Throws not_found.
   */
  async effective(reader: Reader, place: Place): Promise<Map<string, EffectiveVariable>> {
    const resolved = await this.resolved(reader, place);
    return new Map([...resolved].map(([key, one]) => [key, { ...one, value: this.reveal(one) }]));
  }

  /** The same for people: secrets are null but for those that were set at one of `revealed`. Throws not_found. */
  async viewEffective(place: Place, revealed: ReadonlySet<LevelName>): Promise<EffectiveVariablesView> {
    const resolved = await this.resolved(this.db.reader, place);
    const items = [...resolved].map(([key, one]) => {
      const { secret, builtIn, source } = one;
      const value = secret && !revealed.has(source.level) ? null : this.reveal(one);
      return { key, value, secret, builtIn, source };
    });
    return { items };
  }

  /** What one level itself sets. Throws invalid_cursor. */
  async list(place: Place, query: VariableQuery): Promise<Page<VariableView>> {
    const page = await this.store.page(this.db.reader, place, query);
    return { ...page, items: page.items.map(toVariableView) };
  }

  /** Throws variables.not_found. */
  async read(place: Place, key: string): Promise<VariableView> {
    return toVariableView(found(await this.store.find(this.db.reader, place, key)));
  }

  /**
   * Creates or replaces one. The same value again leaves no trace, unless it is secret: whether it was the same is nothing
   * to tell. Throws validation_failed, variables.reserved_key, variables.limit_reached, precondition_failed,
   * operators.not_found, organizations.not_found, .pending_deletion, units.not_found, .pending_deletion.
   */
  put(by: VariableEdit, key: string, input: PutVariable): Promise<VariableView> {
    assertSettable(key);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, by.place);
      const current = await this.store.find(tx, by.place, key);
      assertPreconditions(by.conditions, current && etagOf(current));
      // What was a secret does not become readable because somebody forgot to say it again.
      const secret = input.secret ?? current?.secret ?? false;
      const same = current && !current.secret && !secret && current.value === input.value;
      if (same) return toVariableView(current);
      if (!current && (await this.store.count(tx, by.place)) >= MAX_PER_LEVEL) throw variableErrors.limit_reached();
      const value = secret ? this.secrets.encrypt(PURPOSE, input.value) : input.value;
      const written = await this.store.write(tx, by.place, { key, value, secret });
      // A value that is a secret from now on is in no new event, also as what it was before.
      const before = current && { ...shown(current), ...(secret && { value: null }) };
      await this.record(tx, by, 'variable.set', { before, after: shown(written) });
      return toVariableView(written);
    });
  }

  /** Throws variables.not_found, precondition_failed, and of the level what `put` throws. */
  remove(by: VariableEdit, key: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, by.place);
      const current = found(await this.store.find(tx, by.place, key));
      assertPreconditions(by.conditions, etagOf(current));
      await this.store.remove(tx, by.place, key);
      await this.record(tx, by, 'variable.removed', { before: shown(current), after: null });
    });
  }

  private async resolved(reader: Reader, place: Place): Promise<Map<string, Resolved>> {
    const path = await this.store.path(reader, place);
    if (!path) throw commonErrors.not_found();
    return resolve(path);
  }

  private reveal({ secret, value }: Resolved): string {
    return secret ? this.secrets.decrypt(PURPOSE, value) : value;
  }

  /** Puts the changes of one level in order, so that the limit holds and preconditions are about what will be replaced. */
  private async lockOwner(tx: Tx, { operatorId, organizationId, unitId }: Place): Promise<void> {
    if (organizationId === undefined) await this.operators.lock(tx, operatorId);
    else if (unitId === undefined) await this.organizations.lockActive(tx, organizationId);
    else await this.units.lockActive(tx, organizationId, unitId);
  }

  private record(
    tx: Tx,
    { place, actor }: VariableEdit,
    type: 'variable.set' | 'variable.removed',
    changes: { before: object | null; after: object | null },
  ): Promise<void> {
    const { operatorId, organizationId, unitId } = place;
    const kind = organizationId === undefined ? 'operator' : 'organization';
    const level: LevelName = unitId === undefined ? kind : 'unit';
    const stream = { kind, id: organizationId ?? operatorId } as const;
    const subject = { type: level, id: unitId ?? stream.id };
    return this.events.record(tx, stream, { type, actor, subject, ...changes });
  }
}

function found(row: VariableRow | null): VariableRow {
  if (!row) throw variableErrors.not_found();
  return row;
}

/** As it may stand in an event: a secret has no value there, encrypted or not. */
const shown = ({ key, value, secret }: VariableRow) => ({ key, value: secret ? null : value, secret });
