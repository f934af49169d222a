import { Injectable } from '@nestjs/common';
import type { Access, Actor } from '../common/access/index.js';
import { changesOf, Database, definedOnly, type Reader, type Tx } from '../database/index.js';
import { assertMatches, etagOf } from '../http/index.js';
import { newId } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import { type OperatorQuery, type OperatorView, type PutOperator, toOperatorView } from './operator.dto.js';
import type { Operator } from './operator.entity.js';
import { operatorErrors } from './operator.errors.js';
import { type OperatorChanges, OperatorStore } from './operator.store.js';

const DEFAULTS = {
  timeZone: 'UTC',
  supportEmail: null,
  supportUrl: null,
  defaultUnitName: 'Default',
  selfServiceOrganizationLimit: 1,
  organizationsSetExternalId: false,
};

@Injectable()
export class OperatorService {
  constructor(
    private readonly db: Database,
    private readonly store: OperatorStore,
    private readonly events: EventService,
  ) {}

  async create(
    tx: Tx,
    actor: Actor,
    input: { slug: string; name: string; timeZone?: string | undefined },
  ): Promise<Operator> {
    const operator: Operator = {
      ...DEFAULTS,
      id: newId(),
      slug: input.slug,
      name: input.name,
      timeZone: input.timeZone ?? DEFAULTS.timeZone,
      createdAt: new Date(),
      version: 1,
    };
    await this.assertTimeZone(tx, operator.timeZone);
    await this.store.insert(tx, operator);
    const { id, slug, name, timeZone } = operator;
    await this.events.record(
      tx,
      { kind: 'operator', id },
      { type: 'operator.created', actor, subject: { type: 'operator', id }, after: { slug, name, timeZone } },
    );
    return operator;
  }

  async replace(access: Access, input: PutOperator, ifMatch: string | undefined): Promise<OperatorView> {
    const { id } = access.operator;
    return this.db.transaction(async (tx) => {
      const operator = await this.lock(tx, id);
      assertMatches(ifMatch, etagOf(operator.version));
      const wanted: OperatorChanges = { ...DEFAULTS, ...definedOnly(input) };
      const changes = changesOf<Operator>(operator, wanted);
      if (!changes) return toOperatorView(operator);
      if (changes.after.timeZone) await this.assertTimeZone(tx, changes.after.timeZone);
      await this.store.update(tx, id, wanted);
      await this.events.record(
        tx,
        { kind: 'operator', id },
        { type: 'operator.updated', actor: access.actor, subject: { type: 'operator', id }, ...changes },
      );
      return toOperatorView(await this.get(tx, id));
    });
  }

  async view(id: string): Promise<OperatorView> {
    return toOperatorView(await this.get(this.db.reader, id));
  }

  async list(query: OperatorQuery): Promise<Page<OperatorView>> {
    const page = await this.store.page(this.db.reader, query);
    return { ...page, items: page.items.map(toOperatorView) };
  }

  findBySlug(slug: string): Promise<Operator | null> {
    return this.store.findBySlug(this.db.reader, slug);
  }

  /** Returns the slug of the only operator, null if there is none or several. */
  onlySlug(): Promise<string | null> {
    return this.store.onlySlug(this.db.reader);
  }

  any(reader: Reader): Promise<boolean> {
    return this.store.any(reader);
  }

  /** Locks the operator until `tx` ends. The fixed order of locks is operator → organization → unit. */
  async lock(tx: Tx, id: string): Promise<Operator> {
    const operator = await this.store.lock(tx, id);
    if (!operator) throw operatorErrors.not_found();
    return operator;
  }

  async get(reader: Reader, id: string): Promise<Operator> {
    const operator = await this.store.find(reader, id);
    if (!operator) throw operatorErrors.not_found();
    return operator;
  }

  private async assertTimeZone(tx: Tx, timeZone: string): Promise<void> {
    if (!(await this.store.knowsTimeZone(tx, timeZone))) throw operatorErrors.unknown_time_zone();
  }
}
