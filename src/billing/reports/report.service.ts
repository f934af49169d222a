import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../common/access/index.js';
import { addDays, DAY_MS, dayAt, monthStart, startOfDay } from '../../common/calendar/index.js';
import { Database } from '../../database/index.js';
import { toCredits, toMicro as micro } from '../../common/money/index.js';
import { type Balance, CreditService, EntryStore, type EntryView, toEntryView } from '../ledger/index.js';
import { type DayRange, dayRangeOf, daysOf, instantsOf, monthOf } from './day-range.js';
import type {
  BalanceHistoryView,
  DaysQuery,
  ForecastView,
  StatementStart,
  StatementView,
  UsageGroup,
  UsageLineView,
  UsageQuery,
  UsageTotalView,
  UsageView,
} from './report.dto.js';
import { type MovementRow, ReportStore, type UnitArtifacts, type UsageFilter } from './report.store.js';
import { statementDays, statementLines } from './statement-lines.js';

const DEFAULT_LIMIT = 100;
const MAX_ROWS = 1_000_000;
/** The number of days that the rate of usage is averaged over. */
const PACE_DAYS = 7;
/** What a download keeps in memory. */
const ENTRY_BATCH_SIZE = 250;
/** Kinds that have lines of their own in a statement. */
const MAX_KINDS = 100;

const totalOf = (charged: bigint, refunded: bigint, charges: number): UsageTotalView => ({
  charged: toCredits(charged),
  refunded: toCredits(refunded),
  net: toCredits(charged - refunded),
  charges,
});

const NO_USAGE = totalOf(0n, 0n, 0);

const artifactsOf = (unit: UnitArtifacts | undefined) => ({
  artifacts: Number(unit?.artifacts ?? 0),
  artifactBytes: Number(unit?.bytes ?? 0),
});

/** Limits the usage that the caller sees. Managers see all usage, users and API keys see their own. */
function visibleUsage({ actor, permissions, onlyUnitIds }: OrganizationAccess): UsageFilter {
  const all = permissions.has('credits:readAll');
  return {
    ...(!all && (actor.apiKeyId ? { onlyApiKey: actor.apiKeyId } : { onlyMember: actor.userId ?? '' })),
    ...(onlyUnitIds && { onlyUnits: onlyUnitIds }),
  };
}

/** Reports usage, balances and statements from the ledger entries and their daily totals. */
@Injectable()
export class ReportService {
  constructor(
    private readonly db: Database,
    private readonly store: ReportStore,
    private readonly credits: CreditService,
    private readonly entryStore: EntryStore,
  ) {}

  async usage(access: OrganizationAccess, query: UsageQuery): Promise<UsageView> {
    const days = dayRangeOf(query, access.operator.timeZone);
    const { groupBy = 'day', limit = DEFAULT_LIMIT, unitId, memberId, clusterId, kind } = query;
    const filter = { unitId, memberId, clusterId, kind, ...visibleUsage(access) };
    const { items, total } = await this.usageLines(access.organizationId, days, groupBy, limit, filter);
    return {
      ...limitsOf(days),
      groupBy,
      items: await this.complete(access, days, groupBy, limit, filter, items),
      total,
    };
  }

  /** Adds days without usage, and to units what they have beside usage. */
  private async complete(
    access: OrganizationAccess,
    days: DayRange,
    groupBy: UsageGroup,
    limit: number,
    filter: UsageFilter,
    items: UsageLineView[],
  ): Promise<UsageLineView[]> {
    if (groupBy === 'day') return fillDays(days, items);
    const { unitId, memberId, clusterId, kind } = filter;
    const whole = [memberId, clusterId, kind].every((one) => one === undefined);
    if (groupBy !== 'unit' || !whole || !access.permissions.has('credits:readAll')) return items;
    const found = await this.store.artifacts(this.db.reader, access.organizationId, instantsOf(days), unitId);
    const byUnit = new Map(found.map((unit) => [unit.unitId, unit]));
    const counted = items.map((item) => (item.key ? { ...item, ...artifactsOf(byUnit.get(item.key)) } : item));
    const known = new Set(items.map(({ key }) => key));
    const others = found
      .filter((unit) => !known.has(unit.unitId))
      .map((unit) => ({ key: unit.unitId, name: unit.name, ...NO_USAGE, ...artifactsOf(unit) }));
    return [...counted, ...others].slice(0, limit);
  }

  /** Returns the forecast, at the same rate as the balance shows. */
  async forecast({ organizationId, operator }: OrganizationAccess): Promise<ForecastView> {
    const { available, projection } = await this.credits.view(organizationId);
    const now = Date.now();
    const { timeZone } = operator;
    const today = dayAt(now, timeZone);
    const days = { from: monthStart(today), to: addDays(today, 1), timeZone };
    const monthToDate = await this.netUsage(organizationId, days);
    const left = startOfDay(monthStart(today, 1), timeZone) - now;
    const rest = (micro(projection.creditsPerDay) * BigInt(left)) / BigInt(DAY_MS);
    return {
      asOf: new Date(now).toISOString(),
      timeZone,
      available,
      perDay: projection.creditsPerDay,
      since: new Date(now - PACE_DAYS * DAY_MS).toISOString(),
      emptyAt: projection.emptyAt,
      monthToDate: toCredits(monthToDate),
      monthForecast: toCredits(monthToDate + rest),
    };
  }

  async history({ organizationId, operator }: OrganizationAccess, query: DaysQuery): Promise<BalanceHistoryView> {
    const days = dayRangeOf(query, operator.timeZone);
    let { available, held } = await this.balanceBefore(organizationId, days);
    const changes = await this.store.changes(this.db.reader, organizationId, days);
    const byDay = new Map(changes.map((change) => [change.day, change]));
    const items = daysOf(days).map((day) => {
      const change = byDay.get(day);
      available += BigInt(change?.available ?? 0);
      held += BigInt(change?.held ?? 0);
      return { day, available: toCredits(available), held: toCredits(held) };
    });
    return { ...limitsOf(days), items };
  }

  /** Returns the opening balance of a month. */
  async opening(organizationId: string, days: DayRange): Promise<StatementStart> {
    const { available, held } = await this.balanceBefore(organizationId, days);
    return { ...limitsOf(days), opening: { available: toCredits(available), held: toCredits(held) } };
  }

  async statement({ organizationId, operator }: OrganizationAccess, month: string): Promise<StatementView> {
    const days = monthOf(month, operator.timeZone);
    const start = await this.opening(organizationId, days);
    const movements = await this.store.movements(this.db.reader, organizationId, days, MAX_KINDS);
    const sum = (of: (row: MovementRow) => bigint) => movements.reduce((all, row) => all + of(row), 0n);
    const consumed = (row: MovementRow) => BigInt(row.consumed);
    return {
      month,
      ...start,
      complete: Date.parse(start.to) <= Date.now(),
      lines: statementLines(movements),
      days: statementDays(movements),
      closing: {
        available: toCredits(micro(start.opening.available) + sum((row) => BigInt(row.available))),
        held: toCredits(micro(start.opening.held) + sum((row) => BigInt(row.held))),
      },
      charged: toCredits(sum((row) => (consumed(row) > 0n ? consumed(row) : 0n))),
      refunded: toCredits(sum((row) => (consumed(row) < 0n ? -consumed(row) : 0n))),
    };
  }

  /** Streams every entry of a range of days in order. */
  async *entriesOf(organizationId: string, days: DayRange): AsyncGenerator<EntryView> {
    const { from, to } = instantsOf(days);
    const { reader } = this.db;
    let seq = await this.entryStore.seqBefore(reader, organizationId, from);
    const last = await this.entryStore.seqBefore(reader, organizationId, to);
    for (;;) {
      const rows = await this.entryStore.entriesBetween(reader, organizationId, seq, last, ENTRY_BATCH_SIZE);
      for (const row of rows) yield toEntryView(row);
      const end = rows.at(-1);
      if (!end || rows.length < ENTRY_BATCH_SIZE) return;
      seq = end.seq;
    }
  }

  private balanceBefore(organizationId: string, days: DayRange): Promise<Balance> {
    const before = new Date(instantsOf(days).from.getTime() - 1);
    return this.entryStore.balanceAt(this.db.reader, organizationId, before);
  }

  private async netUsage(organizationId: string, days: DayRange): Promise<bigint> {
    const { total } = await this.usageLines(organizationId, days, 'kind', 1, {});
    return micro(total.net);
  }

  private async usageLines(
    organizationId: string,
    days: DayRange,
    groupBy: UsageGroup,
    limit: number,
    filter: UsageFilter,
  ): Promise<{ items: UsageLineView[]; total: UsageTotalView }> {
    const most = groupBy === 'day' ? MAX_ROWS : limit;
    const rows = await this.store.usage(this.db.reader, organizationId, days, { groupBy, limit: most, filter });
    const [first] = rows;
    return {
      items: rows.map(({ key, name, charged, refunded, charges }) => ({
        key,
        name,
        ...totalOf(BigInt(charged), BigInt(refunded), Number(charges)),
      })),
      total: first
        ? totalOf(BigInt(first.totalCharged), BigInt(first.totalRefunded), Number(first.totalCharges))
        : NO_USAGE,
    };
  }
}

function limitsOf(days: DayRange): { from: string; to: string; timeZone: string } {
  const { from, to } = instantsOf(days);
  return { from: from.toISOString(), to: to.toISOString(), timeZone: days.timeZone };
}

/** Adds the days without usage. */
function fillDays(days: DayRange, items: readonly UsageLineView[]): UsageLineView[] {
  const byDay = new Map(items.map((item) => [item.key, item]));
  return daysOf(days).map((day) => byDay.get(day) ?? { key: day, name: day, ...NO_USAGE });
}
