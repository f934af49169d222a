import { Injectable } from '@nestjs/common';
import type { Access } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { changesOf, Database, type Reader } from '../../../database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import { EventService } from '../../../events/index.js';
import { OperatorService } from '../../../operators/index.js';
import { topUpErrors } from '../top-up.errors.js';
import { type PatchTerms, type TermsView, toTermsView } from './terms.dto.js';
import { TermsStore } from './terms.store.js';
import type { Terms } from './terms.types.js';

/** One dollar per credit, so that a new installation can sell credits at once. */
const DEFAULTS: Terms = {
  currency: 'USD',
  creditPrice: 100_000_000n,
  returnOrigins: [],
  bankDetails: null,
  version: 0,
};

const toEventPayload = ({ currency, creditPrice, returnOrigins, bankDetails }: Terms) => ({
  currency,
  creditPriceMinor: toCredits(creditPrice),
  returnOrigins: returnOrigins.join(' '),
  bankDetails,
});

/** Manages the terms on which an operator sells credits. */
@Injectable()
export class TermsService {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: TermsStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
  ) {}

  async getTerms(operatorId: string, reader: Reader = this.db.reader): Promise<Terms> {
    const row = await this.store.find(reader, operatorId);
    if (!row) return DEFAULTS;
    const { currency, returnOrigins, bankDetails, version } = row;
    return { currency, creditPrice: BigInt(row.creditPrice), returnOrigins, bankDetails, version };
  }

  async view({ operator }: Access): Promise<TermsView> {
    return toTermsView(await this.getTerms(operator.id));
  }

  patch({ actor, operator }: Access, input: PatchTerms, ifMatch: string | undefined): Promise<TermsView> {
    const { id } = operator;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, id);
      const terms = await this.getTerms(id, tx);
      assertMatches(ifMatch, etagOf(terms.version));
      const { currency, creditPriceMinor, returnOrigins, bankDetails } = input;
      const after: Terms = {
        ...terms,
        ...(currency !== undefined && { currency }),
        ...(creditPriceMinor !== undefined && { creditPrice: toMicro(creditPriceMinor) }),
        ...(returnOrigins !== undefined && { returnOrigins }),
        ...(bankDetails !== undefined && { bankDetails: bankDetails || null }),
      };
      const changes = changesOf(toEventPayload(terms), toEventPayload(after));
      if (!changes) return toTermsView(terms);
      await this.store.put(tx, { ...after, operatorId: id, creditPrice: String(after.creditPrice) });
      await this.events.record(
        tx,
        { kind: 'operator', id },
        { type: 'top_up_settings.updated', actor, subject: { type: 'operator', id }, ...changes },
      );
      return toTermsView(await this.getTerms(id, tx));
    });
  }

  /**
   * Checks the URL that a checkout returns to. Only BASE_URL and the origins that the operator allows are accepted, so the
   * checkout cannot be used as an open redirect.
   */
  checkReturnUrl(url: string, { returnOrigins }: Terms): string {
    const refuse = (message: string) => commonErrors.validation_failed({ errors: [{ field: 'returnUrl', message }] });
    if (!URL.canParse(url)) throw refuse('returnUrl must be an absolute URL that starts with https://');
    const { protocol, origin, username, password, href } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') throw refuse('returnUrl must start with https:// or http://');
    if (username || password) throw refuse('returnUrl must not contain a user name or password');
    const allowed = [new URL(this.config.baseUrl).origin, ...returnOrigins];
    if (!allowed.includes(origin)) throw topUpErrors.return_url_not_allowed({ data: { allowed } });
    return href;
  }
}
