import { Injectable } from '@nestjs/common';
import {
  type Access,
  type Actor,
  includesRole,
  type OrganizationAccess,
  type UnitAccess,
} from '../common/access/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { newId, slugFrom } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import { LimitSettings } from '../limits/index.js';
import { LifecycleService, OrganizationService } from '../organizations/index.js';
import { UnitMemberService } from './members/unit-member.service.js';
import {
  type CreateUnit,
  type PatchUnit,
  type PutUnit,
  toUnitView,
  type UnitQuery,
  type UnitRow,
  type UnitView,
} from './unit.dto.js';
import type { Unit } from './unit.entity.js';
import { unitErrors } from './unit.errors.js';
import { UnitStore, type UnitViewer } from './unit.store.js';

@Injectable()
export class UnitService extends LifecycleService<UnitAccess, UnitRow> {
  constructor(
    db: Database,
    protected override readonly store: UnitStore,
    events: EventService,
    private readonly organizations: OrganizationService,
    private readonly members: UnitMemberService,
    private readonly limits: LimitSettings,
  ) {
    super(db, store, events, { name: 'unit', errors: unitErrors });
  }

  /** Creates a unit in an organization that is locked or being created. */
  async createIn(tx: Tx, actor: Actor, organizationId: string, input: CreateUnit): Promise<Unit> {
    const unit: Unit = {
      organizationId,
      id: newId(),
      name: input.name,
      slug: input.slug ?? (await this.freeSlug(tx, organizationId, input.name)),
      description: input.description || null,
      externalId: input.externalId ?? null,
      createdBy: actor.userId,
      createdAt: new Date(),
      suspendedAt: null,
      deletedAt: null,
      deletedBy: null,
      purgeStartedAt: null,
      version: 1,
    };
    await this.store.insert(tx, unit);
    const { id, name, slug, externalId } = unit;
    await this.record(tx, actor, [organizationId, id], 'created', { after: { name, slug, externalId } });
    return unit;
  }

  /** Creates a unit. A creator who is a member becomes its admin. */
  create(access: OrganizationAccess, input: CreateUnit): Promise<UnitView> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      await this.organizations.lockActive(tx, organizationId);
      await this.assertRoom(tx, organizationId);
      const unit = await this.createIn(tx, actor, organizationId, input);
      if (access.held.organization && actor.userId)
        await this.members.addFirst(tx, actor, organizationId, unit.id, actor.userId);
      return toUnitView(await this.get(tx, [organizationId, unit.id]));
    });
  }

  async view(access: UnitAccess): Promise<UnitView> {
    return toUnitView(await this.get(this.db.reader, this.key(access)));
  }

  /** Lists all units for managers, and their own for users. */
  async list(access: OrganizationAccess, query: UnitQuery): Promise<Page<UnitView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, viewerOf(access), query);
    return { ...page, items: page.items.map(toUnitView) };
  }

  /** Requires a unit that the caller sees, as the list shows it. */
  async getVisible(access: OrganizationAccess, unitId: string): Promise<{ name: string }> {
    const unit = await this.store.findVisible(this.db.reader, access.organizationId, unitId, viewerOf(access));
    if (!unit) throw unitErrors.not_found();
    return unit;
  }

  async replace(access: UnitAccess, input: PutUnit, ifMatch: string | undefined): Promise<UnitView> {
    const { name, slug, description, externalId } = input;
    return toUnitView(
      await this.edit(
        access,
        { name, slug, description: description || null, externalId: externalId ?? null },
        ifMatch,
      ),
    );
  }

  async patch(access: UnitAccess, input: PatchUnit, ifMatch: string | undefined): Promise<UnitView> {
    const { description, ...rest } = input;
    return toUnitView(
      await this.edit(access, { ...rest, description: description === '' ? null : description }, ifMatch),
    );
  }

  async suspend(access: UnitAccess): Promise<UnitView> {
    return toUnitView(await this.setSuspended(access, true));
  }

  async resume(access: UnitAccess): Promise<UnitView> {
    return toUnitView(await this.setSuspended(access, false));
  }

  async restore(access: UnitAccess): Promise<UnitView> {
    return toUnitView(await this.takeBack(access));
  }

  /** Locks the organization and the unit until `tx` ends. */
  async lockActive(tx: Tx, organizationId: string, unitId: string): Promise<UnitRow> {
    await this.organizations.lockActive(tx, organizationId);
    return this.lockLive(tx, [organizationId, unitId]);
  }

  countLive(reader: Reader, organizationId: string): Promise<number> {
    return this.store.countLive(reader, organizationId);
  }

  async usage(reader: Reader, organizationId: string): Promise<{ used: number; limit: number | null }> {
    const used = await this.store.countLive(reader, organizationId);
    return { used, limit: await this.store.limitOf(reader, organizationId, this.limits.count('units_without_plan')) };
  }

  protected key(access: UnitAccess): string[] {
    return [access.organizationId, access.unitId];
  }

  protected mayChangeSlug(access: Access): boolean {
    return includesRole(access.operatorRole, 'manager');
  }

  protected override lockAbove(tx: Tx, [organizationId]: string[]): Promise<unknown> {
    return this.organizations.lockActive(tx, organizationId ?? '');
  }

  protected override beforeRestore(tx: Tx, [organizationId]: string[]): Promise<void> {
    return this.assertRoom(tx, organizationId ?? '');
  }

  /** Requires room for one more unit. Deleted ones do not count. Runs under the organization's lock. */
  private async assertRoom(tx: Tx, organizationId: string): Promise<void> {
    const limit = await this.store.limitOf(tx, organizationId, this.limits.count('units_without_plan'));
    if (limit !== null && (await this.store.countLive(tx, organizationId)) >= limit)
      throw unitErrors.limit_reached({ data: { units: limit } });
  }

  private async freeSlug(tx: Tx, organizationId: string, name: string): Promise<string> {
    const slug = slugFrom(name, 'unit');
    return (await this.store.slugExists(tx, organizationId, slug)) ? `${slug}-${newId().slice(-8)}` : slug;
  }
}

const viewerOf = (access: OrganizationAccess): UnitViewer => ({
  userId: access.actor.userId,
  onlyUnitIds: access.onlyUnitIds,
  seesAll: access.permissions.has('units:listAll'),
  seesDeleted: includesRole(access.role, 'admin') || includesRole(access.operatorRole, 'manager'),
});
