import { NIL } from 'uuid';
import { Injectable, Logger } from '@nestjs/common';
import { RegistrationService } from '../auth/identity/index.js';
import { ConnectionService } from '../auth/sso/index.js';
import { PackageService } from '../billing/payments/index.js';
import { SubscriptionService } from '../billing/subscriptions/index.js';
import {
  type Access,
  type OperatorRef,
  type OrganizationAccess,
  permissionsOf,
  type Role,
  systemActor,
} from '../common/access/index.js';
import { Config, isForTrying } from '../common/config/index.js';
import { newId } from '../common/ids/index.js';
import { ContentService, PublicationService } from '../content/index.js';
import { Database, type Tx } from '../database/index.js';
import { OperatorService } from '../operators/index.js';
import { DomainService, OrganizationMemberService, OrganizationService } from '../organizations/index.js';
import { PlanService } from '../plans/index.js';
import { BrandingService } from '../settings/index.js';
import { UnitMemberService, UnitService } from '../units/index.js';
import { randomSequence } from './random.js';
import {
  DELETED,
  PACKAGES,
  SAMPLE_ARTIFACTS,
  SAMPLE_DOCUMENTS,
  SAMPLE_ORGANIZATIONS,
  SAMPLE_PLANS,
  type SampleOrganization,
  SINGLE_SIGN_ON,
  SUSPENDED,
} from './sample-data.js';
import { SampleDataLoadStore } from './sample-data-load.store.js';
import { SampleDataStore } from './sample-data.store.js';
import { peopleOf, type SamplePerson } from './sample-people.js';
import { type SampleMembers, SampleUsageService } from './sample-usage.service.js';

const SEED = 20_260_101;
const FIRST_CUSTOMER = 1001;
const MONTH_MS = 30 * 86_400_000;

export interface LoadOptions {
  progress?: (done: number, of: number) => void;
  /** Asked after each organization. */
  isStopped?: () => boolean;
}

/** An organization of the sample that a server works on. */
interface Turn {
  operator: OperatorRef;
  loaderId: string;
  index: number;
}

/** Another server loads meanwhile. */
class LostTurnError extends Error {}

/**
 * Loads sample data one organization after the other. Each is created with its usage in one transaction that also counts it.
 * The steps after that may run twice. So a server that is killed leaves nothing that another one cannot complete.
 */
@Injectable()
export class SampleDataLoaderService {
  private readonly logger = new Logger('SampleData');
  private readonly actor = systemActor('sample-data');
  private readonly loaderId = newId();
  readonly samples: readonly SampleOrganization[] = SAMPLE_ORGANIZATIONS;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly loads: SampleDataLoadStore,
    private readonly store: SampleDataStore,
    private readonly operators: OperatorService,
    private readonly registration: RegistrationService,
    private readonly organizations: OrganizationService,
    private readonly members: OrganizationMemberService,
    private readonly domains: DomainService,
    private readonly connections: ConnectionService,
    private readonly units: UnitService,
    private readonly unitMembers: UnitMemberService,
    private readonly branding: BrandingService,
    private readonly plans: PlanService,
    private readonly subscriptions: SubscriptionService,
    private readonly packages: PackageService,
    private readonly usage: SampleUsageService,
    private readonly content: ContentService,
    private readonly publications: PublicationService,
  ) {}

  /** Addresses of sample members are invented, so nothing may be sent to them. */
  get isAvailable(): boolean {
    return isForTrying(this.config);
  }

  /** Loads what one operator asked for. False if nothing is left to load, or if the server stops. */
  async loadNext(options: LoadOptions): Promise<boolean> {
    const operatorId = await this.db.transaction((tx) => this.loads.claim(tx, this.loaderId));
    if (operatorId === null) return false;
    let failure: string | null = null;
    try {
      if (!(await this.load(operatorId, options))) return false;
      await this.db.transaction((tx) => this.loads.finish(tx, operatorId, this.loaderId));
      return true;
    } catch (error) {
      if (!(error instanceof LostTurnError)) {
        failure = error instanceof Error ? error.message : String(error);
        this.logger.error('sample data could not be loaded', error);
      }
      return !options.isStopped?.();
    } finally {
      await this.db.transaction((tx) => this.loads.release(tx, operatorId, this.loaderId, failure));
    }
  }

  /** Returns false if the server stopped in between. */
  private async load(operatorId: string, options: LoadOptions): Promise<boolean> {
    const { progress, isStopped } = options;
    const operator = await this.operators.get(this.db.reader, operatorId);
    const access = this.accessOf(operator, await this.store.findAdmin(this.db.reader, operatorId));
    for (const [index, sample] of this.samples.entries()) {
      if (isStopped?.()) return false;
      const load = await this.loads.find(this.db.reader, operatorId);
      if (!load || load.loadedIds.length > index) continue;
      const turn = { operator, loaderId: this.loaderId, index };
      const id = load.currentId ?? (await this.create(turn, sample, load.passwordHash));
      await this.complete({ ...access, organizationId: id, role: 'admin', permissions: new Set() }, sample);
      await this.inTurn(turn, (tx, step) => this.loads.completed(tx, step));
      progress?.(index + 1, this.samples.length);
    }
    await this.offer(access);
    return true;
  }

  private inTurn(
    { operator, loaderId, index }: Turn,
    count: (tx: Tx, step: { operatorId: string; loaderId: string; done: number }) => Promise<boolean>,
  ): Promise<void> {
    return this.db.transaction(async (tx) => {
      if (!(await count(tx, { operatorId: operator.id, loaderId, done: index }))) throw new LostTurnError();
    });
  }

  /** Creates the organization with its units, members and usage in one transaction. */
  private create(turn: Turn, sample: SampleOrganization, passwordHash: string): Promise<string> {
    const { operator, index } = turn;
    // Each organization has its own sequence, so that it does not matter which server creates it.
    const random = randomSequence(SEED + index);
    const people = peopleOf(sample, random);
    const externalId = `C-${FIRST_CUSTOMER + index}`;
    return this.db.transaction(async (tx) => {
      const { id } = await this.organizations.create(tx, this.actor, {
        name: sample.name,
        externalId,
        operatorId: operator.id,
      });
      const step = { operatorId: operator.id, loaderId: turn.loaderId, done: index };
      if (!(await this.loads.created(tx, step, id))) throw new LostTurnError();
      const memberIds: string[] = [];
      for (const [position, person] of people.entries())
        memberIds.push(await this.join(tx, operator.id, id, { ...person, passwordHash }, roleOf(position)));
      const unitIds: string[] = [];
      for (const unit of ['Default', ...sample.units])
        unitIds.push((await this.units.createIn(tx, this.actor, id, { name: unit })).id);
      for (const userId of memberIds) {
        const joined = unitIds.filter((_, position) => position === 0 || random() < 0.5);
        await this.unitMembers.join(tx, this.actor, id, joined, userId);
      }
      await this.store.backdate(tx, id, new Date(Date.now() - (3.1 + random() * 12) * MONTH_MS));
      const created: SampleMembers = { organizationId: id, memberIds, unitIds };
      await this.usage.play(tx, sample, created, random);
      await this.addArtifacts(tx, created, random);
      return id;
    });
  }

  private async addArtifacts(
    tx: Tx,
    { organizationId, unitIds, memberIds }: SampleMembers,
    random: () => number,
  ): Promise<void> {
    for (const artifact of SAMPLE_ARTIFACTS) {
      const [unitId, memberId] = [unitIds, memberIds].map((ids) => ids[Math.floor(random() * ids.length)]);
      const createdAt = new Date(Date.now() - random() * MONTH_MS);
      if (unitId && memberId)
        await this.store.insertArtifact(tx, { ...artifact, organizationId, unitId, memberId, createdAt });
    }
  }

  private async join(
    tx: Tx,
    operatorId: string,
    organizationId: string,
    person: SamplePerson & { passwordHash: string },
    role: Role,
  ): Promise<string> {
    const user = await this.registration.createVerified(tx, this.actor, { operatorId, ...person });
    if (role === 'admin') await this.members.addFirst(tx, this.actor, organizationId, user.id);
    else await this.members.join(tx, this.actor, organizationId, user.id, { role, roleIds: [] }, 'consent');
    return user.id;
  }

  /** Does the rest, which changes nothing when it runs again. */
  private async complete(access: OrganizationAccess, sample: SampleOrganization): Promise<void> {
    const { organizationId, operator } = access;
    const { status } = await this.organizations.view(organizationId);
    // What is suspended or deleted cannot be changed, and was completed before.
    if (status !== 'active') return;
    await this.branding.edit(
      {
        place: { operatorId: operator.id, organizationId },
        operatorSlug: operator.slug,
        actor: this.actor,
        ifMatch: undefined,
        lock: (tx) => this.organizations.lockActive(tx, organizationId),
      },
      { primaryColor: sample.color, displayName: sample.name },
    );
    if (sample.name === SINGLE_SIGN_ON.organization) await this.connect(access);
    if (sample.name === SUSPENDED) await this.organizations.suspend(access);
    if (sample.name === DELETED) await this.organizations.scheduleDeletion(access, sample.name, undefined);
  }

  private async connect(access: OrganizationAccess): Promise<void> {
    const { domain, connection } = SINGLE_SIGN_ON;
    if ((await this.domains.list(access, {})).items.length === 0) await this.domains.claim(access, domain);
    if ((await this.connections.list(access, {})).items.length === 0) await this.connections.create(access, connection);
  }

  /** Gives each organization the plan of its size, and offers packages. The last plan is the default of new organizations. */
  private async offer(access: Access): Promise<void> {
    const { id: operatorId } = access.operator;
    const { loadedIds = [] } = (await this.loads.find(this.db.reader, operatorId)) ?? {};
    for (const { fromCreditsPerDay, toCreditsPerDay, ...plan } of SAMPLE_PLANS) {
      if (!(await this.store.hasPlan(this.db.reader, operatorId, plan.name)))
        await this.plans.create(access, { ...plan, isDefault: true });
      for (const [index, { name, creditsPerDay }] of this.samples.entries()) {
        const id = loadedIds[index];
        if (!id || name === SUSPENDED || name === DELETED) continue;
        if (creditsPerDay < fromCreditsPerDay || creditsPerDay >= toCreditsPerDay) continue;
        await this.db.transaction(async (tx) => {
          await this.organizations.lockActive(tx, id);
          if (await this.store.hasSubscription(tx, id)) return;
          await this.subscriptions.startDefault(tx, this.actor, operatorId, id);
        });
      }
    }
    const offered = (await this.packages.list(access, {})).items;
    for (const one of PACKAGES)
      if (!offered.some(({ name }) => name === one.name)) await this.packages.create(access, one);
    await this.publish(access);
  }

  /** Publishes documents to all organizations. Publishing one again changes nothing. */
  private async publish(access: Access): Promise<void> {
    for (const { kind, ...document } of SAMPLE_DOCUMENTS) {
      const { items } = await this.content.list(access, kind, { q: document.key });
      const { id, version } =
        items.find(({ key }) => key === document.key) ?? (await this.content.create(access, kind, document));
      await this.publications.publish(access, kind, id, { version });
    }
  }

  /** Access of an admin of the operator, on whose behalf the data is loaded. */
  private accessOf({ id, slug, name, timeZone }: OperatorRef, userId: string): Access {
    return {
      actor: { ...this.actor, type: 'user', userId, sessionId: NIL },
      homeOperatorId: id,
      platformAdmin: false,
      held: { platformAdmin: false, operator: 'admin', organization: null, unit: null },
      operatorRole: 'admin',
      operatorPermissions: permissionsOf('operator', 'admin'),
      operator: { id, slug, name, timeZone },
    };
  }
}

const roleOf = (index: number): Role => (index === 0 ? 'admin' : index % 4 === 1 ? 'manager' : 'user');
