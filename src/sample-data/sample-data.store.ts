import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';

@Injectable()
export class SampleDataStore {
  async hasOrganizations(reader: Reader, operatorId: string): Promise<boolean> {
    const { found } = await reader.one<{ found: boolean }>(
      'select exists (select 1 from organizations where operator_id = $1) as found',
      [operatorId],
    );
    return found;
  }

  async findAdmin(reader: Reader, operatorId: string): Promise<string> {
    const { id } = await reader.one<{ id: string }>(
      `select user_id as id from operator_members where operator_id = $1 and role = 'admin' order by joined_at limit 1`,
      [operatorId],
    );
    return id;
  }

  /** Moves the creation of an organization, its units, members and their accounts into the past. */
  async backdate(tx: Tx, organizationId: string, createdAt: Date): Promise<void> {
    const parameters = [organizationId, createdAt];
    await tx.execute('update organizations set created_at = $2 where id = $1', parameters);
    await tx.execute('update units set created_at = $2 where organization_id = $1', parameters);
    await tx.execute('update organization_members set joined_at = $2 where organization_id = $1', parameters);
    await tx.execute(
      `update users set created_at = $2 from organization_members m
       where m.user_id = users.id and m.organization_id = $1`,
      parameters,
    );
  }
}
