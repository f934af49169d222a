import { Injectable } from '@nestjs/common';
import { Database, tookTooLong } from '../../../database/index.js';
import { toCredits } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import {
  type CreditsNow,
  type CreditsView,
  NO_CREDITS,
  type ProofView,
  toCreditsView,
  toProofView,
  toScheduledGrantView,
} from './credit.dto.js';
import { AdjustmentStore } from '../adjustments/adjustment.store.js';
import { CreditStore } from './credit.store.js';
import { LedgerService, applyDueExpiries } from '../ledger.service.js';
import { ProofStore } from '../verification/proof.store.js';

interface CreditImpact {
  creditsLeft: string;
  scheduledGrants: number;
  scheduledCredits: string;
  openHolds: number;
}

@Injectable()
export class CreditService {
  constructor(
    private readonly db: Database,
    private readonly ledger: LedgerService,
    private readonly store: CreditStore,
    private readonly adjustments: AdjustmentStore,
    private readonly proofs: ProofStore,
  ) {}

  async view(organizationId: string): Promise<CreditsNow> {
    return (await this.views([organizationId])).get(organizationId) ?? NO_CREDITS;
  }

  async viewWithScheduled(organizationId: string): Promise<CreditsView> {
    const [credits, scheduled] = await Promise.all([
      this.view(organizationId),
      this.adjustments.findScheduled(this.db.reader, organizationId),
    ]);
    return { ...credits, scheduledGrants: scheduled.map(toScheduledGrantView) };
  }

  /** Returns the views of several organizations, in as many queries as for one. Leaves out those that never had credits. */
  async views(organizationIds: readonly string[]): Promise<Map<string, CreditsNow>> {
    const states = await this.ledger.readMany(organizationIds);
    if (states.size === 0) return new Map();
    const used = await this.store.consumedInLastWeek(this.db.reader, organizationIds);
    return new Map(
      [...states].map(([id, state]) => {
        applyDueExpiries(state);
        return [id, toCreditsView(state, used.get(id) ?? 0n)];
      }),
    );
  }

  /** Returns the credits, scheduled grants and holds that a deletion of the organization would end. */
  async impact(organizationId: string): Promise<CreditImpact> {
    const scheduled = await this.adjustments.findScheduled(this.db.reader, organizationId);
    const state = await this.ledger.read(organizationId);
    if (state) applyDueExpiries(state);
    const { available = 0n, held = 0n } = state?.balances ?? {};
    return {
      creditsLeft: toCredits(available + held),
      scheduledGrants: scheduled.length,
      scheduledCredits: toCredits(scheduled.reduce((sum, { amount }) => sum + BigInt(amount), 0n)),
      openHolds: await this.store.countOpenHolds(this.db.reader, organizationId),
    };
  }

  async proof(organizationId: string): Promise<ProofView> {
    try {
      return toProofView(await this.proofs.check(this.db.reader, organizationId));
    } catch (error) {
      throw tookTooLong(error) ? billingErrors.proof_takes_long() : error;
    }
  }
}
