import { randomBytes } from 'node:crypto';
import { NIL } from 'uuid';
import { Injectable } from '@nestjs/common';
import { PasswordHasher, RegistrationService } from '../auth/identity/index.js';
import { SubscriptionService } from '../billing/subscriptions/index.js';
import {
  type Access,
  type OperatorRef,
  type OrganizationAccess,
  permissionsOf,
  type Role,
  systemActor,
} from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { OperatorService } from '../operators/index.js';
import { OrganizationMemberService, OrganizationService } from '../organizations/index.js';
import { PlanService } from '../plans/index.js';
import { BrandingService } from '../settings/index.js';
import { UnitMemberService, UnitService } from '../units/index.js';
import { randomSequence } from './random.js';
import {
  DELETED,
  FAMILY_NAMES,
  GIVEN_NAMES,
  SAMPLE_ORGANIZATIONS,
  SAMPLE_PLANS,
  type SampleOrganization,
  SUSPENDED,
} from './sample-data.js';
import { SampleDataStore } from './sample-data.store.js';
import { type SampleMembers, SampleUsageService } from './sample-usage.service.js';

const SEED = 20_260_101;
const FIRST_CUSTOMER = 1001;
const MONTH_MS = 30 * 86_400_000;

/** Sign-in of a sample member, printed once. */
export interface SampleSignIn {
  organization: string;
  email: string;
  password: string;
}

interface SamplePerson {
  email: string;
  name: string;
}

/** Fills an operator that has no organizations with believable ones, for trying the product out. */
@Injectable()
export class SampleDataService {
  private readonly actor = systemActor('sample-data');

  constructor(
    private readonly db: Database,
    private readonly store: SampleDataStore,
    private readonly operators: OperatorService,
    private readonly registration: RegistrationService,
    private readonly hasher: PasswordHasher,
    private readonly organizations: OrganizationService,
    private readonly members: OrganizationMemberService,
    private readonly units: UnitService,
    private readonly unitMembers: UnitMemberService,
    private readonly branding: BrandingService,
    private readonly plans: PlanService,
    private readonly subscriptions: SubscriptionService,
    private readonly usage: SampleUsageService,
  ) {}

  /**
   * Loads the data, which takes about half a minute. `progress` is called after each organization. Returns null without a
   * change if the operator has organizations.
   */
  async load(
    operatorSlug: string,
    progress: (done: number, of: number) => void = () => {},
    samples: readonly SampleOrganization[] = SAMPLE_ORGANIZATIONS,
  ): Promise<SampleSignIn | null> {
    const operator = await this.operators.findBySlug(operatorSlug);
    if (!operator || (await this.store.hasOrganizations(this.db.reader, operator.id))) return null;
    const access = this.accessOf(operator, await this.store.findAdmin(this.db.reader, operator.id));
    const random = randomSequence(SEED);
    const password = randomBytes(12).toString('base64url');
    const passwordHash = await this.hasher.hash(password);
    let first: SampleSignIn | null = null;
    const active: { id: string; creditsPerDay: number }[] = [];
    for (const [index, organization] of samples.entries()) {
      const people = peopleOf(organization, random);
      const externalId = `C-${FIRST_CUSTOMER + index}`;
      const created = await this.create(operator, { ...organization, externalId }, people, passwordHash, random);
      await this.usage.play(organization, created, random);
      await this.color(operator, organization, created.organizationId);
      await this.endIfSo(organization.name, {
        ...access,
        organizationId: created.organizationId,
        role: 'admin',
        permissions: new Set(),
      });
      if (organization.name !== SUSPENDED && organization.name !== DELETED)
        active.push({ id: created.organizationId, creditsPerDay: organization.creditsPerDay });
      first ??= { organization: organization.name, email: people[0]?.email ?? '', password };
      progress(index + 1, samples.length);
    }
    await this.subscribe(access, active);
    return first;
  }

  /** Gives each organization the plan of its size. The last plan stays the default of new organizations. */
  private async subscribe(access: Access, active: readonly { id: string; creditsPerDay: number }[]) {
    for (const { fromCreditsPerDay, toCreditsPerDay, ...plan } of SAMPLE_PLANS) {
      await this.plans.create(access, { ...plan, isDefault: true });
      for (const { id, creditsPerDay } of active) {
        if (creditsPerDay < fromCreditsPerDay || creditsPerDay >= toCreditsPerDay) continue;
        await this.db.transaction((tx) => this.subscriptions.startDefault(tx, this.actor, access.operator.id, id));
      }
    }
  }

  /** Creates the organization with its units and members in one transaction. */
  private create(
    operator: OperatorRef,
    { name, externalId, units }: SampleOrganization & { externalId: string },
    people: readonly SamplePerson[],
    passwordHash: string,
    random: () => number,
  ): Promise<SampleMembers> {
    return this.db.transaction(async (tx) => {
      const { id } = await this.organizations.create(tx, this.actor, { name, externalId, operatorId: operator.id });
      const memberIds: string[] = [];
      for (const [index, person] of people.entries())
        memberIds.push(await this.join(tx, operator.id, id, { ...person, passwordHash }, roleOf(index)));
      const unitIds: string[] = [];
      for (const unit of ['Default', ...units])
        unitIds.push((await this.units.createIn(tx, this.actor, id, { name: unit })).id);
      for (const userId of memberIds) {
        const joined = unitIds.filter((_, index) => index === 0 || random() < 0.5);
        await this.unitMembers.join(tx, this.actor, id, joined, userId);
      }
      await this.store.backdate(tx, id, new Date(Date.now() - (3.1 + random() * 12) * MONTH_MS));
      return { organizationId: id, memberIds, unitIds };
    });
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

  private async color(operator: OperatorRef, { name, color }: SampleOrganization, id: string): Promise<void> {
    await this.branding.edit(
      {
        place: { operatorId: operator.id, organizationId: id },
        operatorSlug: operator.slug,
        actor: this.actor,
        ifMatch: undefined,
        lock: (tx) => this.organizations.lockActive(tx, id),
      },
      { primaryColor: color, displayName: name },
    );
  }

  private async endIfSo(name: string, access: OrganizationAccess): Promise<void> {
    if (name === SUSPENDED) await this.organizations.suspend(access);
    if (name === DELETED) await this.organizations.scheduleDeletion(access, name, undefined);
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

/** Names people so that no two of an organization share an address. */
function peopleOf({ name, members }: SampleOrganization, random: () => number): SamplePerson[] {
  const domain = `${asciiOf(name).replace(/[^a-z0-9]+/g, '-')}.example`;
  const offset = Math.floor(random() * GIVEN_NAMES.length);
  return Array.from({ length: members }, (_, index) => {
    const given = GIVEN_NAMES[(offset + index) % GIVEN_NAMES.length] ?? '';
    const family = FAMILY_NAMES[Math.floor(random() * FAMILY_NAMES.length)] ?? '';
    return { name: `${given} ${family}`, email: `${asciiOf(given)}.${asciiOf(family)}@${domain}` };
  });
}

const asciiOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/ł/g, 'l')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
