import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { KnownDeviceService } from '../sessions/known-device.service.js';
import { networkOf } from '../sessions/network.js';
import { RateLimitStore } from './rate-limit.store.js';

/** Whose secret is tried, and from where. */
interface Trier {
  operatorId: string;
  email: string;
  ip: string | null;
}

/**
 * Tries at what somebody knows: his password, his codes. Those from a network that he signed in from before are counted for
 * themselves: so a stranger elsewhere who uses the tries up again and again does not keep him out. All other networks share
 * one count, for a stranger has as many as he likes.
 */
@Injectable()
export class SignInThrottle {
  constructor(
    private readonly db: Database,
    private readonly devices: KnownDeviceService,
    private readonly attempts: RateLimitStore,
  ) {}

  /**
   * Counts a try before `work` and forgets all of them after it, unless it throws. One of which nothing was learned is given
   * back. Throws auth.too_many_attempts.
   */
  async counted<T>(kind: 'login' | 'code', trier: Trier, work: () => Promise<T>): Promise<T> {
    const { operatorId, email, ip } = trier;
    const known = await this.devices.knowsNetwork(this.db.reader, operatorId, email, ip);
    const subject = subjectOf(trier, known ? networkOf(ip) : null);
    await this.attempts.consume(kind, ...subject);
    const result = await work().catch(async (error: unknown) => {
      if (error instanceof AppError && error.kind === 'unavailable')
        await this.attempts.refundAttempt(kind, ...subject);
      throw error;
    });
    await this.attempts.reset(kind, subject);
    return result;
  }

  /** Tries at the password of an address, from wherever, keep its owner out no longer: he has shown who he is otherwise. */
  async forget(operatorId: string, email: string): Promise<void> {
    const networks = await this.devices.networksOf(this.db.reader, operatorId, email);
    const subjects = [null, ...networks].map((network) => subjectOf({ operatorId, email }, network));
    await this.attempts.reset('login', ...subjects);
  }
}

const subjectOf = ({ operatorId, email }: Pick<Trier, 'operatorId' | 'email'>, network: string | null): string[] => [
  operatorId,
  email,
  ...(network === null ? [] : [network]),
];
