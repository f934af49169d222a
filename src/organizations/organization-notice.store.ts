import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { userStatusSql } from '../users/index.js';
import type { NoticeKind } from './notice-kind.js';

export interface NoticeAddressee {
  address: string;
  userId: string;
  organizationName: string;
  operatorId: string;
  operatorSlug: string;
}

/** Reads whom to notify. Joins the table of members, so that notices do not depend on those folders. */
@Injectable()
export class OrganizationNoticeStore {
  /** Returns the addresses of admins who can sign in. */
  async adminAddresses(reader: Reader, organizationId: string): Promise<string[]> {
    return (await this.admins(reader, organizationId)).map(({ address }) => address);
  }

  /** Returns those members who get notices of a kind: they can sign in, and did not switch it off. */
  async addressees(reader: Reader, organizationId: string, kind: NoticeKind): Promise<NoticeAddressee[]> {
    const found =
      kind === 'domains'
        ? await this.admins(reader, organizationId)
        : await this.members(reader, organizationId, `(m.role = 'admin' or 'billing_admin' = any (m.role_ids))`);
    return found.filter(({ mutedNotices }) => !mutedNotices.includes(kind));
  }

  /** Switches a kind of notice on or off. False if the user is not a member. */
  async setNotice(
    tx: Tx,
    { organizationId, userId, kind }: { organizationId: string; userId: string; kind: NoticeKind },
    enabled: boolean,
  ): Promise<boolean> {
    const count = await tx.execute(
      `update organization_members set muted_notices = case when $4 then array_remove(muted_notices, $3)
         else array_append(array_remove(muted_notices, $3), $3) end
       where organization_id = $1 and user_id = $2`,
      [organizationId, userId, kind, enabled],
    );
    return count > 0;
  }

  /** Returns the name of an organization of the operator. */
  async nameOf(reader: Reader, operatorSlug: string, organizationId: string): Promise<string | null> {
    const row = await reader.maybe<{ name: string }>(
      `select o.name from organizations o join operators p on p.id = o.operator_id where o.id = $2 and p.slug = $1`,
      [operatorSlug, organizationId],
    );
    return row?.name ?? null;
  }

  private admins(reader: Reader, organizationId: string) {
    return this.members(reader, organizationId, `m.role = 'admin'`);
  }

  private members(
    reader: Reader,
    organizationId: string,
    which: string,
  ): Promise<(NoticeAddressee & { mutedNotices: NoticeKind[] })[]> {
    return reader.rows(
      `select u.email as address, u.id as "userId", o.name as "organizationName", o.operator_id as "operatorId",
         p.slug as "operatorSlug", m.muted_notices as "mutedNotices"
       from organization_members m join users u on u.id = m.user_id join organizations o on o.id = m.organization_id
         join operators p on p.id = o.operator_id
       where m.organization_id = $1 and ${which} and ${userStatusSql('u')} = 'active' order by m.joined_at, u.id`,
      [organizationId],
    );
  }

  /** Returns the address of a user, who need not be a member. Null if the user cannot sign in. */
  addressee(
    reader: Reader,
    organizationId: string,
    userId: string,
  ): Promise<{ address: string; organizationName: string } | null> {
    return reader.maybe<{ address: string; organizationName: string }>(
      `select u.email as address, o.name as "organizationName" from organizations o join users u on u.operator_id = o.operator_id
       where o.id = $1 and u.id = $2 and ${userStatusSql('u')} = 'active'`,
      [organizationId, userId],
    );
  }
}
