import { Injectable } from '@nestjs/common';
import type { Access } from '../../common/access/index.js';
import { changesOf, Database, type Tx } from '../../database/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { newId, slugFrom } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { EventService } from '../../events/index.js';
import { OperatorService } from '../../operators/index.js';
import {
  type CreateRoleTemplate,
  type PatchRoleTemplate,
  type RoleTemplateQuery,
  type RoleTemplateView,
  toRoleTemplateView,
} from './role-template.dto.js';
import { roleTemplateErrors } from './role-template.errors.js';
import { isInUse, RoleUseStore } from '../roles/role-use.store.js';
import { RoleTemplateStore } from './role-template.store.js';
import type { RoleTemplateRow } from './role-template.types.js';

const MAX_TEMPLATES = 100;

/**
 * Manages the roles that an operator publishes. Organizations refer to them without a copy, so changes apply at once.
 * Their editors are admins of every organization, so they hold every permission that a template can contain.
 */
@Injectable()
export class RoleTemplateService {
  constructor(
    private readonly db: Database,
    private readonly store: RoleTemplateStore,
    private readonly operators: OperatorService,
    private readonly uses: RoleUseStore,
    private readonly events: EventService,
  ) {}

  async list({ operator }: Access, query: RoleTemplateQuery): Promise<Page<RoleTemplateView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toRoleTemplateView) };
  }

  async view({ operator }: Access, id: string): Promise<RoleTemplateView> {
    const template = await this.store.find(this.db.reader, operator.id, id);
    if (!template) throw roleTemplateErrors.not_found();
    return toRoleTemplateView(template);
  }

  create(access: Access, input: CreateRoleTemplate): Promise<RoleTemplateView> {
    const operatorId = access.operator.id;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      if ((await this.store.count(tx, operatorId)) >= MAX_TEMPLATES) throw roleTemplateErrors.limit_reached();
      const id = newId();
      const key = input.key ?? (await this.freeKey(tx, operatorId, input.name));
      const { name } = input;
      const permissions = [...input.permissions].sort();
      await this.store.insert(tx, { id, operatorId, key, name, description: input.description || null, permissions });
      await this.events.recordBy(tx, access, 'role_template.created', id, { after: { key, name, permissions } });
      return toRoleTemplateView(await this.lock(tx, access, id));
    });
  }

  /** Changes the template at once in every organization. */
  patch(access: Access, id: string, input: PatchRoleTemplate, ifMatch: string | undefined): Promise<RoleTemplateView> {
    return this.db.transaction(async (tx) => {
      const template = await this.lock(tx, access, id);
      assertMatches(ifMatch, etagOf(template.version));
      const { name, description, permissions } = template;
      const wanted = input.permissions && [...input.permissions].sort();
      const after = {
        name: input.name ?? name,
        description: input.description === undefined ? description : input.description || null,
        permissions: wanted && wanted.join() !== permissions.join() ? wanted : permissions,
      };
      const changes = changesOf({ name, description, permissions }, after);
      if (!changes) return toRoleTemplateView(template);
      await this.store.update(tx, { id, ...after });
      await this.events.recordBy(tx, access, 'role_template.updated', id, changes);
      return toRoleTemplateView(await this.lock(tx, access, id));
    });
  }

  /** Withdraws the template. Where it is in use, a replacement takes its place. */
  delete(access: Access, id: string, replacementId: string | undefined): Promise<void> {
    return this.db.transaction(async (tx) => {
      const { key, name, permissions } = await this.lock(tx, access, id);
      if (replacementId) await this.lock(tx, access, replacementId);
      const use = await this.uses.count(tx, id, null);
      const inUse = isInUse(use);
      if (inUse && (!replacementId || replacementId === id)) throw roleTemplateErrors.in_use({ data: { ...use } });
      if (inUse && replacementId) await this.uses.replace(tx, id, replacementId, null);
      await this.store.remove(tx, id);
      await this.events.recordBy(tx, access, 'role_template.deleted', id, {
        before: { key, name, permissions },
        ...(inUse && { after: { replacementTemplateId: replacementId, ...use } }),
      });
    });
  }

  private async lock(tx: Tx, { operator }: Access, id: string): Promise<RoleTemplateRow> {
    const template = await this.store.lock(tx, operator.id, id);
    if (!template) throw roleTemplateErrors.not_found();
    return template;
  }

  private async freeKey(tx: Tx, operatorId: string, name: string): Promise<string> {
    const key = `op-${slugFrom(name, 'role')}`;
    return (await this.store.keyExists(tx, operatorId, key)) ? `${key.slice(0, 41)}-${newId().slice(-8)}` : key;
  }
}
