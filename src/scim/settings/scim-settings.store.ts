import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { ScimSettings } from './scim-settings.entity.js';

@Injectable()
export class ScimSettingsStore {
  find(reader: Reader, organizationId: string): Promise<ScimSettings | null> {
    return reader.findOneBy(ScimSettings, { organizationId });
  }

  async put(tx: Tx, { organizationId, groups }: Pick<ScimSettings, 'organizationId' | 'groups'>): Promise<void> {
    await tx.execute(
      `insert into scim_settings (organization_id, groups, updated_at) values ($1, $2, now())
       on conflict (organization_id) do update set groups = excluded.groups, updated_at = now(), version = scim_settings.version + 1`,
      [organizationId, JSON.stringify(groups)],
    );
  }
}
