import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../../database/index.js';
import { containing, type Page, Pager, Where } from '../../common/pagination/index.js';
import type { RoleTemplateQuery } from './role-template.dto.js';
import { RoleTemplate } from './role-template.entity.js';
import { roleTemplateErrors } from './role-template.errors.js';
import type { RoleTemplateRow } from './role-template.types.js';

export type NewRoleTemplate = Pick<
  RoleTemplateRow,
  'id' | 'operatorId' | 'key' | 'name' | 'description' | 'permissions'
>;

@Injectable()
export class RoleTemplateStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, template: NewRoleTemplate): Promise<void> {
    const { id, operatorId, key, name, description, permissions } = template;
    await refusingOn({ operator_role_templates_key_key: () => roleTemplateErrors.key_taken() }, () =>
      tx.execute(
        `insert into operator_role_templates (id, operator_id, key, name, description, permissions, updated_at)
         values ($1, $2, $3, $4, $5, $6, now())`,
        [id, operatorId, key, name, description, permissions],
      ),
    );
  }

  async update(tx: Tx, { id, name, description, permissions }: Omit<NewRoleTemplate, 'key' | 'operatorId'>) {
    await tx.execute(
      `update operator_role_templates set name = $2, description = $3, permissions = $4, updated_at = now(), version = version + 1
       where id = $1`,
      [id, name, description, permissions],
    );
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute('delete from operator_role_templates where id = $1', [id]);
  }

  find(reader: Reader, operatorId: string, id: string): Promise<RoleTemplateRow | null> {
    return reader.maybe<RoleTemplateRow>(
      `select ${columnsOf(reader, RoleTemplate, 't')} from operator_role_templates t where t.operator_id = $1 and t.id = $2`,
      [operatorId, id],
    );
  }

  /** Locks the template against new assignments until `tx` ends. */
  async lock(tx: Tx, operatorId: string, id: string): Promise<RoleTemplateRow | null> {
    await tx.execute('select 1 from operator_role_templates where operator_id = $1 and id = $2 for update', [
      operatorId,
      id,
    ]);
    return this.find(tx, operatorId, id);
  }

  async keyExists(tx: Tx, operatorId: string, key: string): Promise<boolean> {
    return tx.existsBy(RoleTemplate, { operatorId, key });
  }

  count(tx: Tx, operatorId: string): Promise<number> {
    return tx.countBy(RoleTemplate, { operatorId });
  }

  page(reader: Reader, operatorId: string, query: RoleTemplateQuery): Promise<Page<RoleTemplateRow>> {
    return this.pager.page(
      reader,
      {
        name: 'operator_role_templates',
        columns: columnsOf(reader, RoleTemplate, 't'),
        from: 'operator_role_templates t',
        sorts: { name: { sql: 't.name', type: 'name' }, key: { sql: 't.key', type: 'text' } },
        tieBreaker: { sql: 't.id', type: 'uuid' },
      },
      new Where()
        .add('t.operator_id = ?', operatorId)
        .when("(t.name || ' ' || t.key) ilike ?", query.q && containing(query.q)),
      query,
    );
  }
}
