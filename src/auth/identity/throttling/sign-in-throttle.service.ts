import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { KnownDeviceService } from '../sessions/known-device.service.js';
import { networkOf } from '../sessions/network.js';
import { RateLimitService } from '../../../limits/index.js';

/** The account whose secret is tried, and the address it is tried from. */
interface AttemptSubject {
  operatorId: string;
  email: string;
  ip: string | null;
}

/**
 * Limits attempts at passwords and codes. Networks that the user signed in from before are counted separately, so that
 * an attacker elsewhere cannot lock the user out. All other networks share one counter, because an attacker can use any
 * number of them.
 */
@Injectable()
export class SignInThrottle {
  constructor(
    private readonly db: Database,
    private readonly devices: KnownDeviceService,
    private readonly rateLimits: RateLimitService,
  ) {}

  /**
   * Counts an attempt before `work` and resets the counter if it succeeds. Takes the attempt back if the server could
   * not check it.
   */
  async counted<T>(
    budget: 'password_attempts' | 'code_attempts',
    account: AttemptSubject,
    work: () => Promise<T>,
  ): Promise<T> {
    const { operatorId, email, ip } = account;
    const known = await this.devices.knowsNetwork(this.db.reader, operatorId, email, ip);
    const subject = subjectOf(account, known ? networkOf(ip) : null);
    await this.rateLimits.consume(budget, ...subject);
    const result = await work().catch(async (error: unknown) => {
      if (error instanceof AppError && error.kind === 'unavailable') await this.rateLimits.refund(budget, ...subject);
      throw error;
    });
    await this.rateLimits.reset(budget, subject);
    return result;
  }

  /**
   * Resets the password attempts of an address on all networks, after the owner has proved their identity in another
   * way.
   */
  async forget(operatorId: string, email: string): Promise<void> {
    const networks = await this.devices.networksOf(this.db.reader, operatorId, email);
    const subjects = [null, ...networks].map((network) => subjectOf({ operatorId, email }, network));
    await this.rateLimits.reset('password_attempts', ...subjects);
  }
}

const subjectOf = (
  { operatorId, email }: Pick<AttemptSubject, 'operatorId' | 'email'>,
  network: string | null,
): string[] => [operatorId, email, ...(network === null ? [] : [network])];
