import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { organizationErrors } from '../organization.errors.js';

/**
 * How many people an organization can have: its members who can sign in and its open invitations each take a seat. The
 * limit is that of its plan unless the organization has its own; without either there are as many as one likes.
 */
@Injectable()
export class Seats {
  /** Before somebody is added or invited, under the organization's lock. Throws organizations.no_seat_left. */
  async assertFree(tx: Tx, organizationId: string): Promise<void> {
    if (await this.hasFree(tx, organizationId)) return;
    throw organizationErrors.no_seat_left({ data: { seats: await this.limitOf(tx, organizationId) } });
  }

  /**
   * After somebody took the seat that his invitation had: there may be fewer seats by now. Under the organization's lock.
   * Throws organizations.no_seat_left.
   */
  async assertEnough(tx: Tx, organizationId: string): Promise<void> {
    const seats = await this.limitOf(tx, organizationId);
    if (seats === null) return;
    const used = await this.used(tx, organizationId);
    if (used > seats) throw organizationErrors.no_seat_left({ data: { seats } });
  }

  async usage(reader: Reader, organizationId: string): Promise<{ used: number; limit: number | null }> {
    return { used: await this.used(reader, organizationId), limit: await this.limitOf(reader, organizationId) };
  }

  /** Whether somebody more can come in. Under the organization's lock. */
  async hasFree(tx: Tx, organizationId: string): Promise<boolean> {
    const seats = await this.limitOf(tx, organizationId);
    return seats === null || (await this.used(tx, organizationId)) < seats;
  }

  private async limitOf(reader: Reader, organizationId: string): Promise<number | null> {
    const row = await reader.maybe<{ seats: number | null }>(
      `select coalesce(o.seat_limit, p.seat_limit) as seats from organizations o left join plans p on p.id = o.plan_id
       where o.id = $1`,
      [organizationId],
    );
    return row?.seats ?? null;
  }

  private async used(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ used: number }>(
      `select ((select count(*) from organization_members m join users u on u.id = m.user_id
           where m.organization_id = $1 and u.blocked_at is null)
         + (select count(*) from organization_invitations i
           where i.organization_id = $1 and i.state = 'pending' and i.expires_at > now()))::int as used`,
      [organizationId],
    );
    return row.used;
  }
}
