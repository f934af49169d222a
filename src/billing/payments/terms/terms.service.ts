import { Injectable } from '@nestjs/common';
import type { Access } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { changesOf, Database, type Reader } from '../../../common/database/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { type Micro, toCredits, toMicro } from '../../../common/money/index.js';
import { Events } from '../../../events/index.js';
import { Operators } from '../../../operators/index.js';
import { topUpErrors } from '../top-up.errors.js';
import { type PatchTerms, type TermsView, toTermsView } from './terms.dto.js';
import { TermsStore } from './terms.store.js';

export interface Terms {
  currency: string;
  /** Of one credit, in millionths of the smallest unit. */
  creditPrice: Micro;
  returnOrigins: string[];
  bankDetails: string | null;
  version: number;
}

/** A dollar a credit, so that a fresh machine sells some. */
const DEFAULTS: Terms = {
  currency: 'USD',
  creditPrice: 100_000_000n,
  returnOrigins: [],
  bankDetails: null,
  version: 0,
};

const factsOf = ({ currency, creditPrice, returnOrigins, bankDetails }: Terms) => ({
  currency,
  creditPriceMinor: toCredits(creditPrice),
  returnOrigins: returnOrigins.join(' '),
  bankDetails,
});

/** On what terms an operator sells credits. */
@Injectable()
export class TopUpTerms {
  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: TermsStore,
    private readonly operators: Operators,
    private readonly events: Events,
  ) {}

  async of(operatorId: string, reader: Reader = this.db.reader): Promise<Terms> {
    const row = await this.store.find(reader, operatorId);
    if (!row) return DEFAULTS;
    const { currency, returnOrigins, bankDetails, version } = row;
    return { currency, creditPrice: BigInt(row.creditPrice), returnOrigins, bankDetails, version };
  }

  async view({ operator }: Access): Promise<TermsView> {
    return toTermsView(await this.of(operator.id));
  }

  /** Throws precondition_failed. */
  patch({ actor, operator }: Access, input: PatchTerms, ifMatch: string | undefined): Promise<TermsView> {
    const { id } = operator;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, id);
      const terms = await this.of(id, tx);
      assertMatches(ifMatch, etagOf(terms.version));
      const { currency, creditPriceMinor, returnOrigins, bankDetails } = input;
      const after: Terms = {
        ...terms,
        ...(currency !== undefined && { currency }),
        ...(creditPriceMinor !== undefined && { creditPrice: toMicro(creditPriceMinor) }),
        ...(returnOrigins !== undefined && { returnOrigins }),
        ...(bankDetails !== undefined && { bankDetails: bankDetails || null }),
      };
      const changes = changesOf(factsOf(terms), factsOf(after));
      if (!changes) return toTermsView(terms);
      await this.store.put(tx, { ...after, operatorId: id, creditPrice: String(after.creditPrice) });
      await this.events.record(
        tx,
        { kind: 'operator', id },
        { type: 'top_up_settings.updated', actor, subject: { type: 'operator', id }, ...changes },
      );
      return toTermsView(await this.of(id, tx));
    });
  }

  /**
   * Where a checkout leads back to: below BASE_URL or at an origin the operator allows, so that no link of ours sends
   * people to strangers. Throws validation_failed, top_ups.return_url_not_allowed.
   */
  returnUrl(url: string, { returnOrigins }: Terms): string {
    const refuse = (message: string) => commonErrors.validation_failed({ errors: [{ field: 'returnUrl', message }] });
    if (!URL.canParse(url)) throw refuse('returnUrl must be a whole address, with https://');
    const { protocol, origin, username, password, href } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') throw refuse('returnUrl must begin with https:// or http://');
    if (username || password) throw refuse('returnUrl must name no user');
    const allowed = [new URL(this.config.baseUrl).origin, ...returnOrigins];
    if (!allowed.includes(origin)) throw topUpErrors.return_url_not_allowed({ data: { allowed } });
    return href;
  }
}
