import { Injectable } from '@nestjs/common';
import type { Actor, Origin } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { MailOutbox } from '../../../mail/index.js';
import { OperatorService } from '../../../operators/index.js';
import { type User, UserService } from '../../../users/index.js';
import { authErrors, operatorOf, proofBy } from '../../access/index.js';
import { AudienceService } from '../clients/audience.service.js';
import { RateLimitStore } from '../throttling/rate-limit.store.js';
import { type SignedIn, SignInService, tokensOf } from '../sign-in/sign-in.service.js';
import type { Device } from '../sessions/session.service.js';
import { type IssuedOneTimeToken, OneTimeTokenService } from '../tokens/one-time-token.service.js';
import type { AskForMagicLink, RedeemMagicLink } from './magic-link.dto.js';

const LINK_SECONDS = 10 * 60;
const PURPOSE = 'magic_link';

/** Signing in by a mailed link instead of a password. */
@Injectable()
export class MagicLinkService {
  constructor(
    private readonly db: Database,
    private readonly operators: OperatorService,
    private readonly users: UserService,
    private readonly tokens: OneTimeTokenService,
    private readonly attempts: RateLimitStore,
    private readonly signIn: SignInService,
    private readonly mails: MailOutbox,
    private readonly config: Config,
    private readonly audiences: AudienceService,
  ) {}

  /**
   * Does and answers the same whether the address has an account: without one the mail says so. A registration that
   * waits for its proof gets no link: its password was chosen by somebody who may not be whoever reads the mail, and
   * only its own link says so. Throws operators.not_found, auth.audience_unknown, auth.too_many_attempts.
   */
  async ask(operatorSlug: string, { email, organizationId, audience }: AskForMagicLink): Promise<void> {
    const operator = await operatorOf(this.operators, operatorSlug);
    await this.attempts.consume('mail', operator.id, email);
    await this.db.transaction(async (tx) => {
      await this.audiences.known(tx, operator.id, audience);
      const user = await this.users.findByEmail(tx, operator.id, email);
      const usable = user && !user.blockedAt ? user : null;
      // Without an account a token that goes nowhere: the same work, and so the same time.
      const token = await this.tokens.issue(tx, {
        purpose: PURPOSE,
        operatorId: operator.id,
        email,
        payload: { organizationId, audience },
        ttlSeconds: LINK_SECONDS,
        ...(usable && { userId: usable.id }),
      });
      const mail = { operatorId: operator.id, to: { address: email } };
      const link = `${this.config.baseUrl}/t/${operator.slug}/magic-link?token=${token}`;
      await this.mails.enqueue(
        tx,
        usable
          ? { ...mail, template: 'magic_link', data: { link } }
          : { ...mail, template: 'magic_link_no_account', data: {} },
      );
    });
    this.mails.wake();
  }

  /** Whom a link would sign in; changes nothing. Throws auth.invalid_one_time_token. */
  async look(operatorId: string, token: string): Promise<User> {
    return this.ownerOf(this.db.reader, operatorId, await this.tokens.look(this.db.reader, PURPOSE, operatorId, token));
  }

  /**
   * Ends every other link of the person. Somebody whom staff named, and who has not come yet, has his account from now
   * on: nobody has chosen a password for it. Throws operators.not_found, auth.invalid_one_time_token,
   * auth.organization_selection_required, auth.audience_unknown, auth.too_many_attempts, organizations.not_found,
   * organizations.suspended, and what `violation` gives; after these the link can still be used.
   */
  async redeem(
    operatorSlug: string,
    { token, organizationId, audience }: RedeemMagicLink,
    device: Device,
  ): Promise<SignedIn> {
    await this.attempts.consume('token', device.ip ?? '');
    const operator = await operatorOf(this.operators, operatorSlug);
    const result = await this.db.transaction(async (tx) => {
      const issued = await this.tokens.redeem(tx, PURPOSE, operator.id, token);
      const owner = await this.ownerOf(tx, operator.id, issued);
      await this.tokens.withdraw(tx, PURPOSE, owner.id);
      const user = owner.emailVerifiedAt ? owner : await this.proved(tx, owner, device);
      const asked = issued.payload as { organizationId?: string; audience?: string };
      const into = { organizationId, wishedId: asked.organizationId, audience: audience ?? asked.audience };
      return this.signIn.enter(tx, operator, user, into, proofBy('magic_link'), device);
    });
    return tokensOf(result);
  }

  /** Uses a link up without signing in. Throws operators.not_found, auth.invalid_one_time_token, auth.too_many_attempts. */
  async end(operatorSlug: string, token: string, { ip }: Origin): Promise<void> {
    await this.attempts.consume('token', ip ?? '');
    const { id } = await operatorOf(this.operators, operatorSlug);
    await this.db.transaction((tx) => this.tokens.redeem(tx, PURPOSE, id, token));
  }

  /** The address is asked again: it may have become another one since the link was mailed. */
  private async ownerOf(reader: Reader, operatorId: string, { userId, email }: IssuedOneTimeToken): Promise<User> {
    const user = userId ? await this.users.find(reader, operatorId, userId) : null;
    if (!user || user.blockedAt || user.email !== email) throw authErrors.invalid_one_time_token();
    return user;
  }

  private async proved(tx: Tx, { operatorId, email, name }: User, { requestId, ip }: Device): Promise<User> {
    const actor: Actor = { type: 'user', userId: null, sessionId: null, origin: { requestId, ip } };
    // Null when he proved it in another way at the same moment: then he is there all the same.
    const user = await this.users.proved(tx, actor, { operatorId, email, name });
    return user ?? this.users.get(tx, operatorId, { email });
  }
}
