import { Injectable } from '@nestjs/common';
import { type Micro, toMicro } from '../common/money/index.js';
import { type LedgerCommand, LedgerService } from '../billing/ledger/index.js';
import type { Tx } from '../database/index.js';
import { newId } from '../common/ids/index.js';
import { CHARGE_KINDS, type SampleOrganization } from './sample-data.js';
import { SampleDataStore } from './sample-data.store.js';

const DAYS = 90;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MORNING_MS = 8 * HOUR_MS;
/** Days of usage that a top-up pays for. */
const TOP_UP_DAYS = 30;
const WELCOME = '100';

export interface SampleMembers {
  organizationId: string;
  memberIds: readonly string[];
  unitIds: readonly string[];
}

const command = { key: null, hash: '', actorId: null };

const grantOf = (
  amount: Micro,
  category: 'paid' | 'promo',
  reason: string,
): Extract<LedgerCommand, { type: 'grant' }> => ({
  ...command,
  type: 'grant',
  amount,
  category,
  priority: 0,
  expiresAt: null,
  reason,
});

/** Plays three months of top-ups and charges through the ledger, each at its own instant. */
@Injectable()
export class SampleUsageService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly store: SampleDataStore,
  ) {}

  async play(tx: Tx, organization: SampleOrganization, people: SampleMembers, random: () => number): Promise<void> {
    const { organizationId } = people;
    const start = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAYS * DAY_MS;
    const run = (at: number, commands: readonly LedgerCommand[]) =>
      this.ledger.executeAt(tx, organizationId, at, commands);
    let available = toMicro(WELCOME);
    await run(start, [grantOf(available, 'promo', 'Welcome credits')]);
    for (let day = 0; day < DAYS; day++) {
      const morning = start + day * DAY_MS + MORNING_MS;
      const charges = this.chargesOf(organization, people, day, random);
      const used = charges.reduce((sum, { amount }) => sum + amount, 0n);
      if (available < used) {
        const credits = Math.max(50, Math.round((organization.creditsPerDay * TOP_UP_DAYS) / 50) * 50);
        await this.topUp(tx, people, morning - HOUR_MS, credits);
        available += toMicro(String(credits));
      }
      // One moment a day loads faster than one for each charge.
      if (morning >= Date.now()) return;
      await run(morning, charges);
      available -= used;
    }
  }

  /** Buys credits at one dollar each, by bank transfer. The top-up has a receipt like any other. */
  private async topUp(
    tx: Tx,
    { organizationId, memberIds }: SampleMembers,
    at: number,
    credits: number,
  ): Promise<void> {
    const id = newId();
    const requestedBy = memberIds[0] ?? null;
    const amount = toMicro(String(credits));
    const [granted] = await this.ledger.executeAt(tx, organizationId, at, [
      { ...grantOf(amount, 'paid', 'top-up'), topUpId: id, actorId: requestedBy },
    ]);
    const lotId = String(granted?.body.lotId);
    const paidAt = new Date(at);
    await this.store.insertTopUp(tx, {
      organizationId,
      id,
      requestedBy,
      amount,
      priceMinor: credits * 100,
      lotId,
      paidAt,
    });
  }

  private chargesOf(
    { creditsPerDay, growth }: SampleOrganization,
    { memberIds, unitIds }: SampleMembers,
    day: number,
    random: () => number,
  ): Extract<LedgerCommand, { type: 'charge' }>[] {
    const weekday = new Date((Math.floor(Date.now() / DAY_MS) - DAYS + day) * DAY_MS).getUTCDay();
    const pace = weekday === 0 || weekday === 6 ? 0.3 : 1;
    const total = creditsPerDay * pace * (1 + (growth * day) / DAYS) * (0.75 + random() / 2);
    const count = Math.min(6, 1 + Math.floor(total / 15));
    return Array.from({ length: count }, () => ({
      ...command,
      type: 'charge' as const,
      amount: BigInt(Math.max(1, Math.round((total / count) * (0.5 + random()) * 1000))) * 1000n,
      // Squares make the first members and units busier than the last.
      memberId: memberIds[Math.floor(random() ** 2 * memberIds.length)] ?? null,
      unitId: unitIds[Math.floor(random() ** 2 * unitIds.length)] ?? null,
      apiKeyId: null,
      requiredUnitMember: null,
      verifyMember: false,
      kind: CHARGE_KINDS[Math.floor(random() ** 2 * CHARGE_KINDS.length)] ?? 'gpu',
      reference: null,
      detail: null,
    }));
  }
}
