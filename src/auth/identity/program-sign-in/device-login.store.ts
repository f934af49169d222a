import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { DeviceLogin } from './device-login.entity.js';

type NewDeviceLogin = Pick<
  DeviceLogin,
  'deviceCodeHash' | 'userCodeHash' | 'operatorId' | 'clientName' | 'ip' | 'userAgent'
> & { seconds: number };

export interface PolledDeviceLogin extends DeviceLogin {
  expired: boolean;
  tooSoon: boolean;
}

/** Added to the wait of a program that polls too often (RFC 8628, 3.5). */
const SLOW_DOWN_SECONDS = 5;
const MAX_POLL_SECONDS = 60;
const TOO_SOON = 'd.polled_at > now() - make_interval(secs => d.poll_seconds)';

@Injectable()
export class DeviceLoginStore {
  /** Returns false if another program has the user code. */
  async insert(tx: Tx, { seconds, ...login }: NewDeviceLogin): Promise<boolean> {
    const count = await tx.execute(
      `insert into device_logins (device_code_hash, user_code_hash, operator_id, client_name, ip, user_agent, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7)) on conflict (operator_id, user_code_hash) do nothing`,
      [
        login.deviceCodeHash,
        login.userCodeHash,
        login.operatorId,
        login.clientName,
        login.ip,
        login.userAgent,
        seconds,
      ],
    );
    return count === 1;
  }

  findPending(reader: Reader, operatorId: string, userCodeHash: string): Promise<DeviceLogin | null> {
    return reader.maybe<DeviceLogin>(
      `select ${columnsOf(reader, DeviceLogin, 'd')} from device_logins d
       where d.user_code_hash = $1 and d.operator_id = $2 and d.state = 'pending' and d.expires_at > now()`,
      [userCodeHash, operatorId],
    );
  }

  /** Decides a waiting login. Of concurrent callers, one gets a row. */
  decide(
    tx: Tx,
    operatorId: string,
    userCodeHash: string,
    to: Pick<DeviceLogin, 'userId' | 'sessionId' | 'destinationId'> & { state: 'approved' | 'denied' },
  ): Promise<DeviceLogin | null> {
    return tx.maybe<DeviceLogin>(
      `update device_logins d set state = $3, user_id = $4, session_id = $5, destination_id = $6
       where d.user_code_hash = $1 and d.operator_id = $2 and d.state = 'pending' and d.expires_at > now()
       returning ${columnsOf(tx, DeviceLogin, 'd')}`,
      [userCodeHash, operatorId, to.state, to.userId, to.sessionId, to.destinationId],
    );
  }

  /** Records a poll, and makes a program that polls too often wait longer. Once it waits the longest, nothing more is written. */
  async poll(tx: Tx, operatorId: string, deviceCodeHash: string): Promise<PolledDeviceLogin | null> {
    const before = await tx.maybe<PolledDeviceLogin>(
      `select ${columnsOf(tx, DeviceLogin, 'd')}, d.expires_at <= now() as expired, coalesce(${TOO_SOON}, false) as "tooSoon"
       from device_logins d where d.device_code_hash = $1 and d.operator_id = $2 for update`,
      [deviceCodeHash, operatorId],
    );
    if (!before || (before.tooSoon && before.pollSeconds === MAX_POLL_SECONDS)) return before;
    const pollSeconds = Math.min(before.pollSeconds + (before.tooSoon ? SLOW_DOWN_SECONDS : 0), MAX_POLL_SECONDS);
    await tx.execute('update device_logins set polled_at = now(), poll_seconds = $2 where device_code_hash = $1', [
      deviceCodeHash,
      pollSeconds,
    ]);
    return { ...before, pollSeconds };
  }

  /** Uses an approved login. Returns false if it was used before. */
  async use(tx: Tx, deviceCodeHash: string): Promise<boolean> {
    const count = await tx.execute(
      `update device_logins set state = 'used' where device_code_hash = $1 and state = 'approved' and expires_at > now()`,
      [deviceCodeHash],
    );
    return count === 1;
  }

  /** Removes at most `limit` that expired more than a day ago and returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from device_logins where device_code_hash in
         (select device_code_hash from device_logins where expires_at < now() - interval '1 day' limit $1)`,
      [limit],
    );
  }
}
