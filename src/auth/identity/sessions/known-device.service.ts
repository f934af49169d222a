import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import type { User } from '../../../users/index.js';
import { deviceKind, deviceName } from './device-name.js';
import { networkOf } from './network.js';

/** As long as nobody came with it for so long, a device is a new one again. */
const FORGOTTEN_DAYS = 180;

interface SeenDevice {
  ip: string | null;
  userAgent: string | null;
}

/**
 * With what people sign in. It is what clients say of themselves, which whoever steals a password can say too: enough to
 * tell somebody of a sign-in that looks new, never to let anybody in.
 */
@Injectable()
export class KnownDeviceService {
  constructor(private readonly mails: MailOutbox) {}

  /**
   * Remembers the device of a sign-in; tells its person by mail when it is a new one and not his first. Of many sign-ins
   * at once with one new device one mails: the primary key decides. The mail leaves with the outbox's next look.
   */
  async seen(tx: Tx, user: User, organizationId: string | null, device: SeenDevice): Promise<void> {
    const network = networkOf(device.ip);
    const hash = createHash('sha256')
      .update(`${deviceKind(device.userAgent)}\n${network ?? ''}`)
      .digest('base64url');
    if (await this.isFresh(tx, user.id, hash)) return;
    const inserted = await tx.rows<{ firstSeenAt: Date; others: boolean }>(
      `insert into known_devices (user_id, device_hash, network, last_seen_at) values ($1, $2, $3, now())
       on conflict do nothing
       returning first_seen_at as "firstSeenAt",
         exists (select from known_devices o where o.user_id = $1 and o.device_hash <> $2) as others`,
      [user.id, hash, network],
    );
    const [added] = inserted;
    if (!added) await this.touch(tx, user.id, hash);
    else if (added.others)
      await this.mails.enqueue(tx, {
        operatorId: user.operatorId,
        organizationId: organizationId ?? undefined,
        to: { name: user.name, address: user.email },
        template: 'new_device',
        data: { device: deviceName(device.userAgent), ip: device.ip, at: added.firstSeenAt.toISOString() },
      });
  }

  /** Whether somebody of the operator has signed in from the network of `ip` before; as fast for unknown addresses. */
  async knowsNetwork(reader: Reader, operatorId: string, email: string, ip: string | null): Promise<boolean> {
    const row = await reader.one<{ known: boolean }>(
      `select exists (select from users u join known_devices d on d.user_id = u.id
         where u.operator_id = $1 and u.email = $2 and d.network = $3) as known`,
      [operatorId, email, networkOf(ip)],
    );
    return row.known;
  }

  /** The networks somebody has signed in from. */
  async networksOf(reader: Reader, operatorId: string, email: string): Promise<string[]> {
    const rows = await reader.rows<{ network: string }>(
      `select distinct d.network from users u join known_devices d on d.user_id = u.id
       where u.operator_id = $1 and u.email = $2 and d.network is not null`,
      [operatorId, email],
    );
    return rows.map(({ network }) => network);
  }

  /** Removes at most `limit` that were not used for long; returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from known_devices where (user_id, device_hash) in (select user_id, device_hash from known_devices
         where last_seen_at < now() - make_interval(days => $1) limit $2)`,
      [FORGOTTEN_DAYS, limit],
    );
  }

  /** Most sign-ins end here, without a write. */
  private async isFresh(reader: Reader, userId: string, hash: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(
      `select 1 from known_devices where user_id = $1 and device_hash = $2 and last_seen_at > now() - interval '1 day'`,
      [userId, hash],
    );
    return rows.length > 0;
  }

  private async touch(tx: Tx, userId: string, hash: string): Promise<void> {
    await tx.execute('update known_devices set last_seen_at = now() where user_id = $1 and device_hash = $2', [
      userId,
      hash,
    ]);
  }
}
