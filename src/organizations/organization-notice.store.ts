import { Injectable } from '@nestjs/common';
import type { Reader } from '../database/index.js';
import { userStatusSql } from '../users/index.js';

/** Reads whom to notify. Joins the table of members, so that notices do not depend on those folders. */
@Injectable()
export class OrganizationNoticeStore {
  /** Returns the addresses of admins who can sign in. */
  async adminAddresses(reader: Reader, organizationId: string): Promise<string[]> {
    const rows = await reader.rows<{ email: string }>(
      `select u.email from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and m.role = 'admin' and ${userStatusSql('u')} = 'active' order by m.joined_at, u.id`,
      [organizationId],
    );
    return rows.map(({ email }) => email);
  }

  /** Returns the addresses of admins and billing admins who can sign in. */
  billingAddressees(
    reader: Reader,
    organizationId: string,
  ): Promise<{ address: string; organizationName: string; operatorId: string }[]> {
    return reader.rows(
      `select u.email as address, o.name as "organizationName", o.operator_id as "operatorId"
       from organization_members m join users u on u.id = m.user_id join organizations o on o.id = m.organization_id
       where m.organization_id = $1 and (m.role = 'admin' or 'billing_admin' = any (m.role_ids))
         and ${userStatusSql('u')} = 'active' order by m.joined_at, u.id`,
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
