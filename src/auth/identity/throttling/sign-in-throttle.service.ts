import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { KnownDeviceService } from '../sessions/known-device.service.js';
import { networkOf } from '../sessions/network.js';
import { clientNetwork, limitErrors, RateLimitService } from '../../../limits/index.js';

/** The account whose secret is tried, and the address it is tried from. */
interface AttemptSubject {
  operatorId: string;
  email: string;
  from: AttemptOrigin;
}

/** Where an attempt comes from. */
export interface AttemptOrigin {
  ip: string | null;
  /** Undefined for a user who has a session. */
  userAgent?: string | null | undefined;
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
    const { operatorId, email, from } = account;
    const network = clientNetwork(from.ip);
    const counted = await this.countInNetwork(account, network);
    const known = await this.devices.knowsNetwork(this.db.reader, operatorId, email, from.ip);
    const subject = subjectOf(account, known ? networkOf(from.ip) : null);
    let isWrong = true;
    try {
      await this.rateLimits.consume(budget, ...subject);
      const result = await work().catch(async (error: unknown) => {
        if (isUnchecked(error)) await this.rateLimits.refund(budget, ...subject);
        throw error;
      });
      isWrong = false;
      await this.rateLimits.reset(budget, subject);
      return result;
    } catch (error) {
      isWrong &&= !isUnchecked(error);
      throw error;
    } finally {
      if (counted && !isWrong) await this.rateLimits.refund('failed_sign_ins', network);
    }
  }

  /**
   * Counts an attempt against the network it comes from, whatever account it is for. Users with a session, and devices that
   * the account signed in with, are let through when the budget is used up: a stranger in their network must not lock them
   * out. Their attempts are still limited per account. Returns whether the attempt was counted.
   */
  private async countInNetwork({ operatorId, email, from }: AttemptSubject, network: string): Promise<boolean> {
    const retryAfterSeconds = await this.rateLimits.tryConsume('failed_sign_ins', [network]);
    if (retryAfterSeconds === null) return true;
    const { ip, userAgent } = from;
    const trusted =
      userAgent === undefined || (await this.devices.knows(this.db.reader, operatorId, email, { ip, userAgent }));
    if (!trusted) throw limitErrors.too_many_attempts({ retryAfterSeconds });
    return false;
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

/** Nothing was learned from the attempt, because it was refused before it was checked. */
const isUnchecked = (error: unknown): boolean =>
  error instanceof AppError && (error.kind === 'unavailable' || error.kind === 'rate_limited');

const subjectOf = (
  { operatorId, email }: Pick<AttemptSubject, 'operatorId' | 'email'>,
  network: string | null,
): string[] => [operatorId, email, ...(network === null ? [] : [network])];
