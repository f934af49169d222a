import { Injectable } from '@nestjs/common';
import type { Actor, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, operatorOf, proofBy } from '../../access/index.js';
import { browserIn, hashOfBrowser } from '../browser-sessions/sign-in-browser.js';
import { AudienceService } from '../clients/audience.service.js';
import { MailRequestThrottle } from '../throttling/mail-request-throttle.service.js';
import { RateLimitService } from '../../../limits/index.js';
import { type SignedIn, SignInService, tokensOf } from '../sign-in/sign-in.service.js';
import type { Device } from '../sessions/session.service.js';
import { type IssuedOneTimeToken, OneTimeTokenService } from '../tokens/one-time-token.service.js';
import type { AskForMagicLink, RedeemMagicLink } from './magic-link.dto.js';

const LINK_SECONDS = 10 * 60;
const PURPOSE = 'magic_link';

const isOf = ({ payload }: IssuedOneTimeToken, browser: string | null): boolean =>
  browser !== null && payload.browser === hashOfBrowser(browser);

/** Signs users in with a mailed link instead of a password. */
@Injectable()
export class MagicLinkService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly tokens: OneTimeTokenService,
    private readonly rateLimits: RateLimitService,
    private readonly mailRequests: MailRequestThrottle,
    private readonly signIn: SignInService,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly audiences: AudienceService,
  ) {}

  /**
   * Behaves and answers the same whether or not the address has an account. Without one, the mail says so. A pending
   * registration gets no sign-in link, because its password may have been chosen by another person than the reader of
   * the mail. Only the registration's own link can confirm it. `browser`: the one in which the link signs in without a code.
   */
  async ask(
    operatorSlug: string,
    { email, organizationId, audience }: AskForMagicLink,
    { ip }: Origin,
    browser: string | null,
  ): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    const onlyAccounts = await this.mailRequests.consume({ operatorId: operator.id, email, ip });
    await this.db.transaction(async (tx) => {
      await this.audiences.known(tx, operator.id, audience);
      const user = await this.users.findByEmail(tx, operator.id, email);
      const usable = user && !user.blockedAt ? user : null;
      // Without an account, issues a token without effect, so that the response takes the same time.
      const token = await this.tokens.issue(tx, {
        purpose: PURPOSE,
        operatorId: operator.id,
        email,
        payload: { organizationId, audience, ...(browser !== null && { browser: hashOfBrowser(browser) }) },
        ttlSeconds: LINK_SECONDS,
        ...(usable && { userId: usable.id }),
      });
      const mail = { operatorId: operator.id, to: { address: email } };
      const link = `${this.config.baseUrl}/t/${operator.slug}/magic-link?token=${token}`;
      if (usable) await this.mails.enqueue(tx, { ...mail, template: 'magic_link', data: { link } });
      else if (onlyAccounts === null)
        await this.mails.enqueue(tx, { ...mail, template: 'magic_link_no_account', data: {} });
    });
    this.mails.wake();
  }

  /** Returns the user whom a link would sign in, and whether these cookies are of the browser that requested it. */
  async look(operatorId: string, token: string, cookies: string): Promise<{ user: User; sameBrowser: boolean }> {
    const issued = await this.tokens.look(this.db.reader, PURPOSE, operatorId, token);
    const user = await this.ownerOf(this.db.reader, operatorId, issued);
    return { user, sameBrowser: isOf(issued, browserIn(cookies, this.config.baseUrl)) };
  }

  /**
   * Signs in and ends every other link of the user. A user named by staff gets their account now, without a password.
   * After a refusal about browser, organization, audience or sign-in policy, the link can still be used.
   */
  async redeem(
    operatorSlug: string,
    { token, organizationId, audience, sameBrowser }: RedeemMagicLink,
    device: Device,
    browser: string | null,
  ): Promise<SignedIn> {
    await this.rateLimits.consume('sign_in_steps', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const result = await this.db.transaction(async (tx) => {
      const issued = await this.tokens.redeem(tx, PURPOSE, operator.id, token);
      if (sameBrowser && !isOf(issued, browser)) throw authErrors.browser_mismatch();
      const owner = await this.ownerOf(tx, operator.id, issued);
      await this.tokens.withdraw(tx, PURPOSE, owner.id);
      const user = owner.emailVerifiedAt ? owner : await this.proved(tx, owner, device);
      const asked = issued.payload as { organizationId?: string; audience?: string };
      const into = { organizationId, wishedId: asked.organizationId, audience: audience ?? asked.audience };
      return this.signIn.enter(tx, operator, user, into, proofBy('magic_link'), device);
    });
    return tokensOf(result);
  }

  /** Uses a link without signing in. */
  async end(operatorSlug: string, token: string, { ip }: Origin): Promise<void> {
    await this.rateLimits.consume('sign_in_steps', ip ?? '');
    const { id } = await operatorOf(this.operators, operatorSlug);
    await this.db.transaction((tx) => this.tokens.redeem(tx, PURPOSE, id, token));
  }

  /** Looks the address up again, because it may have changed since the link was mailed. */
  private async ownerOf(reader: Reader, operatorId: string, { userId, email }: IssuedOneTimeToken): Promise<User> {
    const user = userId ? await this.users.find(reader, operatorId, userId) : null;
    if (!user || user.email !== email) throw authErrors.invalid_one_time_token();
    if (user.blockedAt) throw authErrors.blocked();
    return user;
  }

  private async proved(tx: Tx, { operatorId, email, name }: User, { requestId, ip }: Device): Promise<User> {
    const actor: Actor = { type: 'user', userId: null, sessionId: null, origin: { requestId, ip } };
    // Null if another proof won the race. The account exists either way.
    const user = await this.users.proved(tx, actor, { operatorId, email, name });
    return user ?? this.users.get(tx, operatorId, { email });
  }
}
