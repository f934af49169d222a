import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { clientNetwork, RateLimitService } from '../../../limits/index.js';
import { KnownDeviceService } from '../sessions/known-device.service.js';

interface MailRequest {
  operatorId: string;
  /** The mailbox that is to get a mail. */
  email: string;
  ip: string | null;
}

/** Limits mails that someone can ask for without proving who they are. */
@Injectable()
export class MailRequestThrottle {
  constructor(
    private readonly db: Database,
    private readonly devices: KnownDeviceService,
    private readonly rateLimits: RateLimitService,
  ) {}

  /**
   * Counts a request. Requests from networks that the owner of the mailbox signed in from have a budget of their own, so
   * that an attacker elsewhere cannot use it up. Returns null, or the seconds for which the operator mails only to accounts:
   * that is not refused, because the answer must not tell whether the address has an account.
   */
  async consume({ operatorId, email, ip }: MailRequest): Promise<number | null> {
    await this.rateLimits.consume('mail_requests', clientNetwork(ip));
    const owner = await this.devices.knowsNetwork(this.db.reader, operatorId, email, ip);
    await this.rateLimits.consume(owner ? 'mail_requests_by_owner' : 'mail_requests_per_mailbox', operatorId, email);
    return this.rateLimits.tryConsume('mail_requests_per_operator', [operatorId]);
  }
}
