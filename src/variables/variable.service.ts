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
import { levelOf, valueOf, type VariableRow, VariableStore } from './variable.store.js';

/** A change of a variable of one level, with the expected state. */
export interface VariableEdit {
  place: Place;
  actor: Actor;
  conditions: Preconditions;
}

/** The effective value of one key. */
export interface EffectiveVariable {
  /** In the clear, even for secrets. Callers must check `secret` before they show it. */
  value: string;
  secret: boolean;
  builtIn: boolean;
  source: Locker;
}

const PURPOSE = 'variable';
const MAX_PER_LEVEL = 200;

/** Manages variables that flow down operator → organization → unit. The nearest level wins. */
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
   * Returns all variables of the deepest given level with built-in keys and decrypted secrets, for `substitute` and for
   * workloads. Runs one query. Callers must check permissions, and whether the place is suspended or deleted.
   */
  async effective(reader: Reader, place: Place): Promise<Map<string, EffectiveVariable>> {
    const resolved = await this.resolved(reader, place);
    return new Map([...resolved].map(([key, one]) => [key, { ...one, value: this.reveal(place, key, one) }]));
  }

  /** Returns the same for users. Secrets are null unless they were set at one of the `revealed` levels. */
  async viewEffective(place: Place, revealed: ReadonlySet<LevelName>): Promise<EffectiveVariablesView> {
    const resolved = await this.resolved(this.db.reader, place);
    const items = [...resolved].map(([key, one]) => {
      const { secret, builtIn, source } = one;
      const value = secret && !revealed.has(source.level) ? null : this.reveal(place, key, one);
      return { key, value, secret, builtIn, source };
    });
    return { items };
  }

  /** Lists the variables that one level sets. */
  async list(place: Place, query: VariableQuery): Promise<Page<VariableView>> {
    const page = await this.store.page(this.db.reader, place, query);
    return { ...page, items: page.items.map(toVariableView) };
  }

  async read(place: Place, key: string): Promise<VariableView> {
    return toVariableView(found(await this.store.find(this.db.reader, place, key)));
  }

  /**
   * Creates or replaces a variable. Writing an unchanged value has no effect, unless it is secret: the caller must not learn
   * whether a secret is the same.
   */
  put(by: VariableEdit, key: string, input: PutVariable): Promise<VariableView> {
    assertSettable(key);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, by.place);
      const current = await this.store.find(tx, by.place, key);
      assertPreconditions(by.conditions, current && etagOf(current));
      // A secret stays secret if the request leaves `secret` out.
      const secret = input.secret ?? current?.secret ?? false;
      const same = current && !current.secret && !secret && current.value === input.value;
      if (same) return toVariableView(current);
      if (!current && (await this.store.count(tx, by.place)) >= MAX_PER_LEVEL) throw variableErrors.limit_reached();
      const value = secret
        ? this.secrets.encrypt(PURPOSE, valueOf(by.place, levelOf(by.place), key), input.value)
        : input.value;
      const written = await this.store.write(tx, by.place, { key, value, secret });
      // The event of a value that becomes secret omits the earlier value too.
      const before = current && { ...shown(current), ...(secret && { value: null }) };
      await this.record(tx, by, 'variable.set', { before, after: shown(written) });
      return toVariableView(written);
    });
  }

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

  private reveal(place: Place, key: string, { secret, value, source }: Resolved): string {
    return secret ? this.secrets.decrypt(PURPOSE, valueOf(place, source.level, key), value) : value;
  }

  /** Serializes changes of one level, so that the limit holds and preconditions match the current state. */
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

/** Returns the variable for an event, without the value of a secret. */
const shown = ({ key, value, secret }: VariableRow) => ({ key, value: secret ? null : value, secret });
