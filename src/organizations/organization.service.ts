import { Injectable } from '@nestjs/common';
import { type Actor, includesRole, type OrganizationAccess } from '../common/access/index.js';
import { Database, type Reader, type Tx } from '../database/index.js';
import { newId, slugFrom } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { Events } from '../events/index.js';
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
import { OrganizationNotices } from './organization.notices.js';
import { OrganizationStore } from './organization.store.js';

export interface NewOrganization {
  operatorId: string;
  name: string;
  slug?: string | undefined;
  description?: string | null | undefined;
  externalId?: string | null | undefined;
}

@Injectable()
export class Organizations extends LifecycleService<OrganizationAccess, OrganizationRow> {
  constructor(
    db: Database,
    protected override readonly store: OrganizationStore,
    events: Events,
    private readonly notices: OrganizationNotices,
  ) {
    super(db, store, events, { name: 'organization', errors: organizationErrors });
  }

  /** The row and its first event. Throws organizations.slug_taken, organizations.external_id_taken. */
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

  /** Throws organizations.not_found. */
  async view(id: string): Promise<OrganizationView> {
    return toOrganizationView(await this.get(this.db.frequentReader, [id]));
  }

  /** Throws invalid_cursor. */
  async list(operatorId: string, query: OrganizationQuery): Promise<Page<OrganizationView>> {
    const page = await this.store.page(this.db.reader, operatorId, query);
    return { ...page, items: page.items.map(toOrganizationView) };
  }

  /** Throws organizations.slug_taken, .external_id_taken, .slug_immutable, .pending_deletion, precondition_failed. */
  async replace(
    access: OrganizationAccess,
    input: PutOrganization,
    ifMatch: string | undefined,
  ): Promise<OrganizationView> {
    const { name, slug, description, externalId } = input;
    return toOrganizationView(
      await this.edit(
        access,
        { name, slug, description: description || null, externalId: externalId ?? null },
        ifMatch,
      ),
    );
  }

  /** Throws as `replace`. */
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

  /** Suspending what is suspended changes nothing. Throws organizations.pending_deletion. */
  async suspend(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.setSuspended(access, true));
  }

  /** Resuming what is active changes nothing. Throws organizations.pending_deletion. */
  async resume(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.setSuspended(access, false));
  }

  /** Restoring what is not deleted changes nothing. Throws organizations.purge_started. */
  async restore(access: OrganizationAccess): Promise<OrganizationView> {
    return toOrganizationView(await this.takeBack(access));
  }

  /** Locks it until `tx` ends, whatever its state. Throws organizations.not_found. */
  lock(tx: Tx, id: string): Promise<OrganizationRow> {
    return this.lockRow(tx, [id]);
  }

  /** As `lock`, for changes that something deleted must not take. Throws organizations.not_found, .pending_deletion. */
  lockActive(tx: Tx, id: string): Promise<OrganizationRow> {
    return this.lockLive(tx, [id]);
  }

  async findActiveBySlug(operatorId: string, slug: string): Promise<OrganizationRow | null> {
    const organization = await this.store.findBySlug(this.db.reader, operatorId, slug);
    return organization?.deletedAt ? null : organization;
  }

  /** The limits of this plan count from now on. Under the organization's lock. */
  setPlan(tx: Tx, id: string, planId: string): Promise<void> {
    return this.store.setPlan(tx, id, planId);
  }

  limits(reader: Reader, id: string): Promise<Limits> {
    return this.store.limits(reader, id);
  }

  /** In the place of what the plan says; under its lock. */
  setLimits(tx: Tx, id: string, limits: Limits): Promise<void> {
    return this.store.setLimits(tx, id, limits);
  }

  /** Null for another operator's, too. */
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

  protected override tell(
    tx: Tx,
    access: OrganizationAccess,
    row: OrganizationRow,
    what: 'deletion_scheduled' | 'restored',
  ): Promise<void> {
    return this.notices.lifecycle(tx, access, row, what);
  }

  /** `acme`, else `acme-` and the end of a new id: a race for the plain one is left to the constraint. */
  private async freeSlug(tx: Tx, operatorId: string, name: string): Promise<string> {
    const slug = slugFrom(name, 'organization');
    return (await this.store.slugExists(tx, operatorId, slug)) ? `${slug}-${newId().slice(-8)}` : slug;
  }
}
