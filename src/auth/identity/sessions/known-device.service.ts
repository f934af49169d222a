import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import type { User } from '../../../users/index.js';
import { deviceKind, deviceName } from './device-name.js';
import { networkOf } from './network.js';

/** Days without a sign-in after which a device counts as new again. */
const FORGOTTEN_DAYS = 180;

interface SeenDevice {
  ip: string | null;
  userAgent: string | null;
}

/**
 * Remembers the devices that users sign in with. Clients describe themselves, and a password thief can imitate them, so
 * a known device is used only for notices and never grants access.
 */
@Injectable()
export class KnownDeviceService {
  constructor(private readonly mails: MailOutbox) {}

  /**
   * Remembers the device of a sign-in. Notifies the user by email if the device is new and not the user's first one.
   * The primary key ensures that concurrent sign-ins send one mail.
   */
  async seen(tx: Tx, user: User, organizationId: string | null, device: SeenDevice): Promise<void> {
    const network = networkOf(device.ip);
    const hash = hashOf(device);
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

  /** Returns whether a user of the operator has signed in with this device. */
  async knows(reader: Reader, operatorId: string, email: string, device: SeenDevice): Promise<boolean> {
    const row = await reader.one<{ known: boolean }>(
      `select exists (select from users u join known_devices d on d.user_id = u.id
         where u.operator_id = $1 and u.email = $2 and d.device_hash = $3) as known`,
      [operatorId, email, hashOf(device)],
    );
    return row.known;
  }

  /** Tells whether a user has signed in from the network of `ip` before. Takes as long for unknown addresses. */
  async knowsNetwork(reader: Reader, operatorId: string, email: string, ip: string | null): Promise<boolean> {
    const row = await reader.one<{ known: boolean }>(
      `select exists (select from users u join known_devices d on d.user_id = u.id
         where u.operator_id = $1 and u.email = $2 and d.network = $3) as known`,
      [operatorId, email, networkOf(ip)],
    );
    return row.known;
  }

  /** Returns the networks that a user has signed in from. */
  async networksOf(reader: Reader, operatorId: string, email: string): Promise<string[]> {
    const rows = await reader.rows<{ network: string }>(
      `select distinct d.network from users u join known_devices d on d.user_id = u.id
       where u.operator_id = $1 and u.email = $2 and d.network is not null`,
      [operatorId, email],
    );
    return rows.map(({ network }) => network);
  }

  /** Removes at most `limit` devices that were not used for a long time and returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from known_devices where (user_id, device_hash) in (select user_id, device_hash from known_devices
         where last_seen_at < now() - make_interval(days => $1) limit $2)`,
      [FORGOTTEN_DAYS, limit],
    );
  }

  /** Spares most sign-ins a write. */
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

const hashOf = ({ ip, userAgent }: SeenDevice): string =>
  createHash('sha256')
    .update(`${deviceKind(userAgent)}\n${networkOf(ip) ?? ''}`)
    .digest('base64url');
