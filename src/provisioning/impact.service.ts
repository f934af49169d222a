import { Injectable } from '@nestjs/common';
import { ConnectionService } from '../auth/sso/index.js';
import { SessionService } from '../auth/identity/index.js';
import { CreditService } from '../billing/ledger/index.js';
import { TopUpService } from '../billing/payments/index.js';
import { RunService } from '../billing/runs/index.js';
import { ArtifactService } from '../artifacts/index.js';
import { DeliveryService } from '../content/index.js';
import { Database } from '../database/index.js';
import { OrganizationMemberService } from '../organizations/index.js';
import { UnitService } from '../units/index.js';
import type { ImpactView } from './impact.dto.js';

@Injectable()
export class ImpactService {
  constructor(
    private readonly db: Database,
    private readonly members: OrganizationMemberService,
    private readonly units: UnitService,
    private readonly sessions: SessionService,
    private readonly connections: ConnectionService,
    private readonly credits: CreditService,
    private readonly runs: RunService,
    private readonly topUps: TopUpService,
    private readonly deliveries: DeliveryService,
    private readonly artifacts: ArtifactService,
  ) {}

  /** Counts what a change or the deletion of an organization would affect. */
  async of(organizationId: string): Promise<ImpactView> {
    const { reader } = this.db;
    return {
      activeMembers: await this.members.countActive(reader, organizationId),
      liveSessions: await this.sessions.countOfMembers(reader, organizationId),
      units: await this.units.countLive(reader, organizationId),
      publishingContent: await this.deliveries.countWaiting(reader, organizationId),
      linkedIdentityProviders: await this.connections.countOf(organizationId),
      paymentsUnderway: await this.topUps.countUnderway(organizationId),
      openRuns: await this.runs.countRunning(organizationId),
      artifacts: await this.artifacts.count(organizationId),
      ...(await this.credits.impact(organizationId)),
    };
  }
}
