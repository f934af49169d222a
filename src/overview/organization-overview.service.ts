import { Injectable } from '@nestjs/common';
import { CreditService, type CreditsNow } from '../billing/ledger/index.js';
import { ReportService } from '../billing/reports/index.js';
import type { OrganizationAccess, Permission } from '../common/access/index.js';
import { toMicro } from '../common/money/index.js';
import { Database } from '../database/index.js';
import { ActivityStore } from './activity.store.js';
import type {
  AttentionCode,
  AttentionView,
  OrganizationOverviewView,
  OrganizationStepView,
  OverviewCreditsView,
} from './organization-overview.dto.js';
import { type OrganizationFacts, OrganizationOverviewStore } from './organization-overview.store.js';

const SOON_MS = 7 * 86_400_000;

type Held = ReadonlySet<Permission>;
type Credits = OverviewCreditsView & Pick<CreditsNow, 'status'>;

/** Sums up an organization, as far as the caller may see it. */
@Injectable()
export class OrganizationOverviewService {
  constructor(
    private readonly db: Database,
    private readonly store: OrganizationOverviewStore,
    private readonly credits: CreditService,
    private readonly reports: ReportService,
    private readonly activity: ActivityStore,
  ) {}

  async of(access: OrganizationAccess): Promise<OrganizationOverviewView> {
    const { organizationId, permissions: held } = access;
    const { reader } = this.db;
    const [facts, credits, activity] = await Promise.all([
      this.store.facts(reader, organizationId, unitsSeenBy(access)),
      held.has('credits:read') ? this.creditsFor(access) : null,
      held.has('events:read')
        ? this.activity.newest(reader, { kind: 'organization', id: organizationId }, access)
        : null,
    ]);
    return {
      status: facts.status,
      attention: [...attentionOf(facts, held), ...attentionToCredits(credits)],
      setUp: stepsOf(facts, held),
      counts: {
        members: held.has('members:list') ? facts.members : null,
        invitations: held.has('invitations:list') ? facts.invitations : null,
        units: held.has('units:list') ? facts.units : null,
      },
      credits: credits && toOverviewCredits(credits),
      activity,
    };
  }

  private async creditsFor(access: OrganizationAccess): Promise<Credits> {
    const [credits, usage] = await Promise.all([
      this.credits.view(access.organizationId),
      this.reports.usage(access, {}),
    ]);
    return {
      available: credits.available,
      held: credits.held,
      lastsUntil: credits.projection.emptyAt,
      usage: usage.items.map(({ key, net }) => ({ day: key ?? '', net })),
      status: credits.status,
    };
  }
}

const unitsSeenBy = ({ actor, permissions, onlyUnitIds }: OrganizationAccess) => ({
  all: !onlyUnitIds && permissions.has('units:listAll'),
  userId: actor.userId,
  onlyUnitIds: onlyUnitIds ?? null,
});

const toOverviewCredits = ({ available, held, lastsUntil, usage }: Credits): OverviewCreditsView => ({
  available,
  held,
  lastsUntil,
  usage,
});

const attention = (code: AttentionCode, at: Date | string | null = null): AttentionView => ({
  code,
  at: at === null ? null : new Date(at).toISOString(),
});

function attentionOf(facts: OrganizationFacts, held: Held): AttentionView[] {
  const found: AttentionView[] = [];
  if (facts.status === 'pending_deletion') found.push(attention('pending_deletion', facts.purgeAt));
  if (facts.status === 'suspended') found.push(attention('suspended', facts.suspendedAt));
  if (facts.pastDueAt && held.has('subscription:read')) found.push(attention('subscription_past_due', facts.pastDueAt));
  if (facts.topUpStopped && held.has('auto-top-up:edit')) found.push(attention('auto_top_up_stopped'));
  if (facts.proofMissingSince && held.has('domains:read'))
    found.push(attention('domain_proof_missing', facts.proofMissingSince));
  return found;
}

/** An organization that never had credits misses none: its set-up list says so. */
function attentionToCredits(credits: Credits | null): AttentionView[] {
  if (!credits) return [];
  if (credits.status === 'frozen') return [attention('credits_frozen')];
  const { lastsUntil } = credits;
  if (lastsUntil === null) return [];
  if (toMicro(credits.available) <= 0n) return [attention('credits_exhausted')];
  const soon = new Date(lastsUntil).getTime() < Date.now() + SOON_MS;
  return soon ? [attention('credits_run_out_soon', lastsUntil)] : [];
}

function stepsOf(facts: OrganizationFacts, held: Held): OrganizationStepView[] {
  const steps: [OrganizationStepView['step'], Permission, boolean][] = [
    ['branding', 'branding:edit', facts.branded],
    ['members', 'invitations:create', facts.members > 1 || facts.wasInvited],
    ['credits', 'top-ups:create', facts.hadCredits],
    ['domain', 'domains:edit', facts.provedDomain],
    ['single_sign_on', 'sso:edit', facts.connected],
  ];
  return steps.filter(([, permission]) => held.has(permission)).map(([step, , done]) => ({ step, done }));
}
