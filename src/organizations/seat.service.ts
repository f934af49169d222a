import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { organizationErrors } from './organization.errors.js';

/**
 * Enforces the seat limit. Members who can sign in and open invitations each take a seat. The limit of the organization
 * overrides that of its plan; without either, seats are unlimited.
 */
@Injectable()
export class SeatService {
  /** Requires a free seat before a user is added or invited. Runs under the organization's lock. */
  async assertFree(tx: Tx, organizationId: string): Promise<void> {
    if (await this.hasFree(tx, organizationId)) return;
    throw organizationErrors.no_seat_left({ data: { seats: await this.limitOf(tx, organizationId) } });
  }

  /** Checks the limit after a user joined, because the limit may have fallen since they were invited. Runs under the organization's lock. */
  async assertEnough(tx: Tx, organizationId: string): Promise<void> {
    const seats = await this.limitOf(tx, organizationId);
    if (seats === null) return;
    const used = await this.used(tx, organizationId);
    if (used > seats) throw organizationErrors.no_seat_left({ data: { seats } });
  }

  async usage(reader: Reader, organizationId: string): Promise<{ used: number; limit: number | null }> {
    return { used: await this.used(reader, organizationId), limit: await this.limitOf(reader, organizationId) };
  }

  /** Tells whether one more user can join. Runs under the organization's lock. */
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
