import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { lifecycleStatusSql, purgeAtSql } from '../organizations/index.js';

export interface OrganizationFacts {
  status: 'active' | 'suspended' | 'pending_deletion';
  suspendedAt: Date | null;
  purgeAt: Date | null;
  members: number;
  invitations: number;
  wasInvited: boolean;
  units: number;
  branded: boolean;
  hadCredits: boolean;
  provedDomain: boolean;
  connected: boolean;
  pastDueAt: Date | null;
  topUpStopped: boolean;
  proofMissingSince: Date | null;
}

/** Which units to count: all, those of a user, or those of an API key. */
export interface UnitsSeen {
  all: boolean;
  userId: string | null;
  onlyUnitIds: readonly string[] | null;
}

@Injectable()
export class OrganizationOverviewStore {
  /** Reads the tables of several modules in one query of index look-ups. */
  facts(reader: Reader, organizationId: string, { all, userId, onlyUnitIds }: UnitsSeen): Promise<OrganizationFacts> {
    return reader.one<OrganizationFacts>(
      `select ${lifecycleStatusSql('o')} as status, o.suspended_at as "suspendedAt", ${purgeAtSql('o', 'op')} as "purgeAt",
         (select count(*)::int from organization_members m where m.organization_id = o.id) as members,
         (select count(*)::int from organization_invitations i
           where i.organization_id = o.id and i.state = 'pending' and i.expires_at > now()) as invitations,
         exists (select from organization_invitations i where i.organization_id = o.id) as "wasInvited",
         (select count(*)::int from units u where u.organization_id = o.id and u.deleted_at is null
           and ($2 or u.id = any ($4::uuid[]) or exists (select from unit_members um
             where um.organization_id = o.id and um.unit_id = u.id and um.user_id = $3::uuid))) as units,
         exists (select from organization_settings s
           where s.organization_id = o.id and s.kind = 'branding' and s."values" <> '{}') as branded,
         exists (select from credit_lots l where l.organization_id = o.id) as "hadCredits",
         exists (select from verified_domains d where d.organization_id = o.id) as "provedDomain",
         exists (select from sso_connections c where c.organization_id = o.id and c.enabled) as connected,
         (select s.past_due_at from subscriptions s
           where s.organization_id = o.id and s.cancelled_at is null) as "pastDueAt",
         exists (select from auto_top_ups t
           where t.organization_id = o.id and not t.enabled and t.stopped_because is not null) as "topUpStopped",
         (select min(d.missing_since) from organization_domains d
           where d.organization_id = o.id and d.verified_at is not null) as "proofMissingSince"
       from organizations o join operators op on op.id = o.operator_id where o.id = $1`,
      [organizationId, all, userId, onlyUnitIds],
    );
  }
}
