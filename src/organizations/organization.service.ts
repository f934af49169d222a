import { Injectable } from '@nestjs/common';
import { type Access, type Actor, includesRole, type OrganizationAccess } from '../common/access/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { newId, slugFrom } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { EventService } from '../events/index.js';
import { OperatorService } from '../operators/index.js';
import { LifecycleService } from './lifecycle.service.js';
import {
  type OrganizationQuery,
  type OrganizationRow,
  type OrganizationView,
  type PatchOrganization,
  type PutOrganization,
  toOrganizationView,
} from './organization.dto.js';
import type { Limits, Organization } from './organization.entity.js';
import { organizationErrors } from './organization.errors.js';
import { OrganizationNoticeService } from './organization-notice.service.js';
import { OrganizationStore } from './organization.store.js';

export interface NewOrganization {
  operatorId: string;
  name: string;
  slug?: string | undefined;
  description?: string | null | undefined;
  externalId?: string | null | undefined;
}

@Injectable()
export class OrganizationService extends LifecycleService<OrganizationAccess, OrganizationRow> {
  constructor(
    db: Database,
    protected override readonly store: OrganizationStore,
    events: EventService,
    private readonly notices: OrganizationNoticeService,
    private readonly operators: OperatorService,
  ) {
    super(db, store, events, { name: 'organization', errors: organizationErrors });
  }

  /** Creates the organization and records its first event. */
  async create(tx: Tx, actor: Actor, input: NewOrganization): Promise<Organization> {
    const organization: Organization = {
      id: newId(),
      operatorId: input.operatorId,
      name: input.name,
      slug: input.slug ?? (await this.freeSlug(tx, input.operatorId, input.name)),
      description: input.description || null,
      externalId: input.externalId ?? null,
      createdBy: actor.userId,
      createdAt: new Date(),
      suspendedAt: null,
      deletedAt: null,
      deletedBy: null,
      purgeStartedAt: null,
      seatLimit: null,
      unitLimit: null,
      planId: null,
      version: 1,
    };
    await this.store.insert(tx, organization);
    const { id, name, slug, externalId } = organization;
    await this.record(tx, actor, [id], 'created', { after: { name, slug, externalId } });
    return organization;
  }

  async view(id: string): Promise<OrganizationView> {
    return toOrganizationView(await this.get(this.db.frequentReader, [id]));
  }

  async list(operatorId: string, query: OrganizationQuery): Promise<Page<OrganizationView>> {
    const page = await this.store.page(this.db.reader, operatorId, query);
    return { ...page, items: page.items.map(toOrganizationView) };
  }

  async replace(
    access: OrganizationAccess,
    input: PutOrganization,
    ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    const { name, slug, description } = input;
    // A missing externalId stays, like the slug, if the caller cannot change it.
    const cleared = (await this.maySetExternalId(this.db.reader, access)) ? null : undefined;
    const externalId = input.externalId === undefined ? cleared : input.externalId;
    return toOrganizationView(
      await this.edit(access, { name, slug, description: description || null, externalId }, ifMatch),
    );
  }

  async patch(
    access: OrganizationAccess,
    input: PatchOrganization,
    ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    const { description, ...rest } = input;
    return toOrganizationView(
      await this.edit(access, { ...rest, description: description === '' ? null : description }, ifMatch),
    );
  }

  /** Suspends the organization. A second request changes nothing. */
  async suspend(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.setSuspended(access, true));
  }

  /** Ends the suspension. Without one nothing changes. */
  async resume(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.setSuspended(access, false));
  }

  /** Restores the organization. Without a scheduled deletion nothing changes. */
  async restore(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.takeBack(access));
  }

  /** Locks the row in any state until `tx` ends. */
  lock(tx: Tx, id: string): Promise<OrganizationRow> {
    return this.lockRow(tx, [id]);
  }

  /** Locks the organization until `tx` ends, and refuses it when it is deleted. */
  lockActive(tx: Tx, id: string): Promise<OrganizationRow> {
    return this.lockLive(tx, [id]);
  }

  async findActiveBySlug(operatorId: string, slug: string): Promise<OrganizationRow | null> {
    const organization = await this.store.findBySlug(this.db.reader, operatorId, slug);
    return organization?.deletedAt ? null : organization;
  }

  /** Applies the limits of this plan from now on. Runs under the organization's lock. */
  setPlan(tx: Tx, id: string, planId: string): Promise<void> {
    return this.store.setPlan(tx, id, planId);
  }

  limits(reader: Reader, id: string): Promise<Limits> {
    return this.store.limits(reader, id);
  }

  /** Overrides the limits of the plan. Runs under the organization's lock. */
  setLimits(tx: Tx, id: string, limits: Limits): Promise<void> {
    return this.store.setLimits(tx, id, limits);
  }

  /** Returns null for organizations of other operators too. */
  async findActive(operatorId: string, id: string): Promise<OrganizationRow | null> {
    const organization = await this.store.find(this.db.reader, [id]);
    return organization?.operatorId === operatorId && !organization.deletedAt ? organization : null;
  }

  countCreatedBy(tx: Tx, operatorId: string, userId: string): Promise<number> {
    return this.store.countCreatedBy(tx, operatorId, userId);
  }

  protected key(access: OrganizationAccess): string[] {
    return [access.organizationId];
  }

  protected mayChangeSlug(access: OrganizationAccess): boolean {
    return includesRole(access.operatorRole, 'manager');
  }

  /** Tells whether the caller may choose an externalId. Services map customers by it, and tokens carry it as a signed claim. */
  async maySetExternalId(reader: Reader, { operatorRole, operator, actor }: Access): Promise<boolean> {
    if (includesRole(operatorRole, 'manager')) return true;
    return actor.type === 'user' && (await this.operators.get(reader, operator.id)).organizationsSetExternalId;
  }

  protected override async beforeEdit(
    tx: Tx,
    access: OrganizationAccess,
    { externalId }: Partial<OrganizationRow>,
  ): Promise<void> {
    if (externalId !== undefined && !(await this.maySetExternalId(tx, access)))
      throw organizationErrors.external_id_staff_only();
  }

  protected override tell(
    tx: Tx,
    access: OrganizationAccess,
    row: OrganizationRow,
    what: 'deletion_scheduled' | 'restored',
  ): Promise<void> {
    return this.notices.lifecycle(tx, access, row, what);
  }

  /** Returns `acme`, or `acme-` with the end of a new id if it is taken. The constraint decides races. */
  private async freeSlug(tx: Tx, operatorId: string, name: string): Promise<string> {
    const slug = slugFrom(name, 'organization');
    return (await this.store.slugExists(tx, operatorId, slug)) ? `${slug}-${newId().slice(-8)}` : slug;
  }
}
