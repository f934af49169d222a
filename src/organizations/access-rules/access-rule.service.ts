import { Injectable } from '@nestjs/common';
import { LimitSettings, RateLimitService } from '../../limits/index.js';
import {
  type Access,
  callerIdOf,
  highestRole,
  type Holder,
  type OrganizationAccess,
  permissionsOf,
  type Role,
} from '../../common/access/index.js';
import { changesOf, Database, type Reader, type Tx } from '../../database/index.js';
import { assertMatches, etagOf, versionAndEtag } from '../../http/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { normalizeEmail } from '../../common/validation/index.js';
import { domainOfEmail } from '../domains/domain-name.js';
import { EventService } from '../../events/index.js';
import { DomainService } from '../domains/domain.service.js';
import { OperatorService } from '../../operators/index.js';
import { OrganizationService } from '../organization.service.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { UnitReferenceService } from '../unit-reference.service.js';
import type {
  AccessRuleQuery,
  AccessRuleView,
  CreateOrganizationAccessRule,
  DryRun,
  DryRunView,
  PatchOrganizationAccessRule,
} from './access-rule.dto.js';
import { accessRuleErrors } from './access-rule.errors.js';
import {
  type AccessRuleRow,
  AccessRuleStore,
  type Candidate,
  type RuleContent,
  type RuledOrganization,
  type RuleOwner,
} from './access-rule.store.js';
import { Condition, type ConditionResult } from './condition.js';
import { ConditionCostError, ConditionError } from './condition.syntax.js';
import { ConditionBudget } from './condition-budget.js';
import { CostlyRuleReporter } from './costly-rule.reporter.js';
import { evaluateInSlices, nextTurn, oneTrialAtATime, SLICE_MS } from './time-slice.js';

/** What the rules of an organization grant a user, and which rules do. */
export interface RuleGrant {
  role: Role;
  roleIds: string[];
  unitIds: string[];
  ruleIds: string[];
}

/** A user with a verified address who signs in or joins. */
export interface Newcomer {
  operatorId: string;
  operatorSlug: string;
  userId: string;
  email: string;
  name: string;
  claims: Record<string, unknown>;
  /** Signs in through the organization's own connection. */
  vouched: boolean;
}

const LOOKED_AT = 10_000;
const BATCH = 500;
/** Time for the conditions of one dry run, and for those of one organization at a sign-in. */
const DRY_RUN_MS = 2_000;
const SIGN_IN_MS = 500;
const LISTED = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

const ownerOf = (access: Access | OrganizationAccess): RuleOwner =>
  'organizationId' in access
    ? { kind: 'organization', id: access.organizationId }
    : { kind: 'operator', id: access.operator.id };

/** Manages and previews access rules. They are applied where users sign in or join. */
@Injectable()
export class AccessRuleService {
  constructor(
    private readonly db: Database,
    private readonly store: AccessRuleStore,
    private readonly roles: RoleResolver,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly units: UnitReferenceService,
    private readonly domains: DomainService,
    private readonly events: EventService,
    private readonly costlyRules: CostlyRuleReporter,
    private readonly limits: LimitSettings,
    private readonly rateLimits: RateLimitService,
    private readonly budget: ConditionBudget,
  ) {}

  async list(access: Access | OrganizationAccess, query: AccessRuleQuery): Promise<Page<AccessRuleView>> {
    const page = await this.store.page(this.db.reader, ownerOf(access), query);
    await readInTurns(page.items);
    return { ...page, items: page.items.map(toView) };
  }

  async view(access: Access | OrganizationAccess, id: string): Promise<AccessRuleView> {
    return toView(await this.get(this.db.reader, ownerOf(access), id));
  }

  async create(access: Access | OrganizationAccess, input: CreateOrganizationAccessRule): Promise<AccessRuleView> {
    const owner = ownerOf(access);
    await this.countTrial(access);
    return this.db.transaction(async (tx) => {
      const holder = await this.enter(tx, access);
      if ((await this.store.count(tx, owner)) >= this.limits.count('access_rules'))
        throw accessRuleErrors.limit_reached();
      const rule = await this.contentOf(tx, access, holder, { enabled: true, ...input });
      await this.assertProved(tx, access, rule.condition);
      await this.assertMayGrant(tx, access, holder, rule);
      const id = newId();
      await this.store.insert(tx, owner, id, rule);
      await this.events.recordBy(tx, access, 'access_rule.created', id, { after: seen(rule) });
      return toView(await this.get(tx, owner, id));
    });
  }

  async patch(
    access: Access | OrganizationAccess,
    id: string,
    input: PatchOrganizationAccessRule,
    ifMatch: string | undefined,
  ): Promise<AccessRuleView> {
    const owner = ownerOf(access);
    await this.countTrial(access);
    return this.db.transaction(async (tx) => {
      const holder = await this.enter(tx, access);
      const rule = await this.get(tx, owner, id);
      assertMatches(ifMatch, etagOf(rule.version));
      const { role, roleIds, unitIds, enabled, name, condition } = rule;
      const wanted = await this.contentOf(tx, access, holder, {
        name: input.name ?? name,
        when: input.when ?? condition,
        then: input.then ?? { role, roleIds: [], unitIds },
        enabled: input.enabled ?? enabled,
      });
      // Deleted roles do not block other changes.
      if (!input.then) wanted.roleIds = roleIds;
      await this.assertMayGrant(tx, access, holder, rule, wanted);
      // A rule that names a lost domain can still be renamed or disabled.
      if (wanted.condition !== condition || (wanted.enabled && !enabled))
        await this.assertProved(tx, access, wanted.condition);
      const changes = changesOf(flat(seen(rule)), flat(seen(wanted)));
      if (!changes) return toView(rule);
      await this.store.update(tx, owner, id, wanted);
      await this.events.recordBy(tx, access, 'access_rule.updated', id, { before: seen(rule), after: seen(wanted) });
      return toView(await this.get(tx, owner, id));
    });
  }

  /** Deletes the rule. Roles it granted stay. */
  delete(access: Access | OrganizationAccess, id: string): Promise<void> {
    const owner = ownerOf(access);
    return this.db.transaction(async (tx) => {
      const holder = await this.enter(tx, access);
      const rule = await this.get(tx, owner, id);
      await this.assertMayGrant(tx, access, holder, rule);
      await this.store.remove(tx, owner, id);
      await this.events.recordBy(tx, access, 'access_rule.deleted', id, { before: seen(rule) });
    });
  }

  /**
   * Previews which users a condition would affect. In an organization these are its members, for staff also the users in
   * its proved domains, because only staff may learn who has an account.
   */
  async dryRun(access: Access | OrganizationAccess, input: DryRun): Promise<DryRunView> {
    await this.countTrial(access);
    return oneTrialAtATime(() => this.tryRule(access, input));
  }

  private async tryRule(
    access: Access | OrganizationAccess,
    { when, claims = {}, person }: DryRun,
  ): Promise<DryRunView> {
    await nextTurn();
    const condition = compile(when, (source) => Condition.ofTrial(source));
    const organization =
      'organizationId' in access ? await this.organizations.get(this.db.reader, [access.organizationId]) : null;
    const about = (one: { email: string; name: string }) =>
      condition.of({ user: one, claims, operatorSlug: access.operator.slug, organization });
    const scope = {
      operatorId: access.operator.id,
      organizationId: organization?.id ?? null,
      staff: permissionsOf('operator', access.operatorRole).has('users:list'),
    };
    const matches: Candidate[] = [];
    let [matched, evaluated, after, more] = [0, 0, FIRST_ID, true];
    let leftMs = DRY_RUN_MS;
    const evaluate = async <T extends { email: string; name: string }>(
      people: T[],
    ): Promise<[T, ConditionResult][]> => {
      const started = performance.now();
      const results = await evaluateInSlices(people, about, leftMs);
      leftMs -= performance.now() - started;
      return people.map((one, index) => {
        const result = results[index];
        if (!result) throw accessRuleErrors.condition_too_expensive();
        return [one, result];
      });
    };
    const example = person && { email: person.email, name: person.name ?? '' };
    const [ofExample] = await evaluate(example ? [example] : []);
    while (more && evaluated < LOOKED_AT) {
      const people = await this.store.people(this.db.reader, scope, after, BATCH);
      for (const [one, { holds }] of await evaluate(people)) {
        if (!holds) continue;
        matched++;
        if (matches.length < LISTED) matches.push(one);
      }
      evaluated += people.length;
      after = people.at(-1)?.userId ?? after;
      more = people.length === BATCH;
    }
    return {
      matches,
      matched,
      evaluated,
      truncated: more,
      ...(ofExample && { person: ofExample[1] }),
    };
  }

  /** Returns the organizations whose rules may match a user who signs in, including the named one. */
  candidates(reader: Reader, person: Newcomer, organizationId?: string): Promise<RuledOrganization[]> {
    return this.store.candidates(reader, { ...person, emailDomain: domainOfEmail(person.email) }, organizationId);
  }

  /** Returns what all matching rules grant together, null if none matches. */
  async grantIn(reader: Reader, organization: RuledOrganization, person: Newcomer): Promise<RuleGrant | null> {
    const { email, name, claims, operatorSlug } = person;
    const enabled = await this.store.enabledIn(reader, organization.id);
    if (enabled.length === 0) return null;
    const belongs = await this.belongs(reader, organization.id, person);
    const rules = enabled.filter(({ owner }) => owner === 'operator' || belongs);
    const subject = { user: { email, name }, claims, operatorSlug, organization };
    const conditions = await readInTurns(rules);
    const organizationId = organization.id;
    const results = await evaluateInSlices(
      conditions,
      (condition) => {
        if (!condition) return NOT_HELD;
        if (this.budget.isOver(organizationId, condition)) return WAITS;
        return this.budget.measure(organizationId, condition, () => condition.of(subject));
      },
      SIGN_IN_MS,
      (condition) => {
        if (condition) this.budget.exceeded(organizationId, condition);
      },
    );
    const costly = rules.filter((_, index) => results[index] === null || results[index] === WAITS);
    if (costly.length > 0)
      this.costlyRules.report(
        organizationId,
        costly.map(({ id }) => id),
      );
    const holding = rules.filter((_, index) => results[index]?.holds);
    if (holding.length === 0) return null;
    const roles = await this.roles.of(reader, organization.id, [...new Set(holding.flatMap(({ roleIds }) => roleIds))]);
    return {
      role: highestRole(...holding.map(({ role }) => role)) ?? 'user',
      roleIds: roles.map(({ id }) => id),
      unitIds: [...new Set(holding.flatMap(({ unitIds }) => unitIds))],
      ruleIds: holding.map(({ id }) => id),
    };
  }

  /**
   * Tells whether the organization's own rules may reach a user. To everyone else the organization is a stranger, whatever
   * its rules say.
   */
  private async belongs(reader: Reader, organizationId: string, person: Newcomer): Promise<boolean> {
    if (person.vouched || (await this.store.isMember(reader, organizationId, person.userId))) return true;
    return this.domains.covers(reader, person.operatorId, organizationId, person.email);
  }

  /** Rejects a condition of an organization that names others than its members and its proved domains. */
  private async assertProved(tx: Tx, access: Access | OrganizationAccess, condition: string): Promise<void> {
    if (!('organizationId' in access)) return;
    const named = compile(condition).namedAddresses;
    if (named.length === 0) return;
    const { organizationId, operator } = access;
    const members = new Set(
      await this.store.memberAddresses(
        tx,
        organizationId,
        named.map(({ address }) => address).filter((address) => address !== null),
      ),
    );
    for (const { domain, address } of named) {
      if (address && members.has(normalizeEmail(address))) continue;
      if (!(await this.domains.covers(tx, operator.id, organizationId, domain)))
        throw accessRuleErrors.domain_not_proved({ data: { domain } });
    }
  }

  private async contentOf(
    tx: Tx,
    access: Access | OrganizationAccess,
    holder: Holder | null,
    { name, when, then, enabled }: Required<CreateOrganizationAccessRule>,
  ): Promise<RuleContent> {
    await this.assertAffordable(access, when);
    const { role = 'user', roleIds = [], unitIds = [] } = then;
    const rule = { name, condition: when, role, enabled, unitIds };
    if (!('organizationId' in access))
      return { ...rule, roleIds: await this.roles.publishedIdsOf(tx, access.operator.id, roleIds) };
    const memberId = holder && this.roles.unitsOfOnly(holder, access.actor);
    await this.units.assertKnown(tx, access.organizationId, unitIds, memberId);
    return { ...rule, roleIds: await this.roles.idsOf(tx, access.organizationId, roleIds) };
  }

  /** Refuses a condition of a new or changed rule that cannot be read, or takes long for anyone. */
  private async assertAffordable(access: Access | OrganizationAccess, when: string): Promise<void> {
    const condition = compile(when);
    const subject = {
      user: { email: 'name@example.com', name: 'Name' },
      claims: {},
      operatorSlug: access.operator.slug,
      organization: null,
    };
    const [result] = await evaluateInSlices([subject], (one) => condition.of(one), DRY_RUN_MS);
    if (!result) throw accessRuleErrors.condition_too_expensive();
  }

  /** Counts before anything is read, because reading a condition takes time too. */
  private async countTrial(access: Access | OrganizationAccess): Promise<void> {
    const { id } = ownerOf(access);
    for (const subject of [id, callerIdOf(access.actor)]) {
      const retryAfterSeconds = await this.rateLimits.tryConsume('condition_trials', [subject]);
      if (retryAfterSeconds !== null) throw commonErrors.rate_limited({ retryAfterSeconds });
    }
  }

  /** Locks the owner of the rules. Returns null for the operator, whose editors are admins of all its organizations. */
  private async enter(tx: Tx, access: Access | OrganizationAccess): Promise<Holder | null> {
    if ('organizationId' in access) return this.roles.enter(tx, access, 'access-rules:edit');
    await this.operators.lock(tx, access.operator.id);
    return null;
  }

  private async assertMayGrant(
    tx: Tx,
    access: Access | OrganizationAccess,
    holder: Holder | null,
    ...rules: Pick<AccessRuleRow, 'role' | 'roleIds'>[]
  ): Promise<void> {
    if (holder && 'organizationId' in access)
      await this.roles.assertMayGrant(tx, access.organizationId, holder, ...rules);
  }

  private async get(reader: Reader, owner: RuleOwner, id: string): Promise<AccessRuleRow> {
    const rule = await this.store.find(reader, owner, id);
    if (!rule) throw accessRuleErrors.not_found();
    return rule;
  }
}

function compile(source: string, read = (text: string) => Condition.of(text)): Condition {
  try {
    return read(source);
  } catch (error) {
    if (error instanceof ConditionCostError) throw accessRuleErrors.condition_too_expensive();
    if (error instanceof ConditionError)
      throw accessRuleErrors.invalid_condition({ detail: `The condition cannot be read: ${error.message}.` });
    throw error;
  }
}

const NOT_HELD: ConditionResult = { holds: false };
const WAITS: ConditionResult = { holds: false };

/** Reads stored conditions, with turns for other requests. Returns null for those that can no longer be read. */
async function readInTurns(rules: readonly AccessRuleRow[]): Promise<(Condition | null)[]> {
  const conditions: (Condition | null)[] = [];
  let turn = performance.now();
  for (const { condition } of rules) {
    if (!Condition.isRead(condition) && performance.now() - turn > SLICE_MS / 4) {
      await nextTurn();
      turn = performance.now();
    }
    conditions.push(readOrNull(condition));
  }
  return conditions;
}

function readOrNull(source: string): Condition | null {
  try {
    return Condition.of(source);
  } catch (error) {
    if (error instanceof ConditionError) return null;
    throw error;
  }
}

const seen = ({ name, condition, role, roleIds, unitIds, enabled }: RuleContent) => ({
  name,
  when: condition,
  then: { role, roleIds, unitIds },
  enabled,
});

/** Returns a form for comparison that ignores the order of lists. */
const flat = ({ name, when, then, enabled }: ReturnType<typeof seen>) => ({
  name,
  when,
  enabled,
  then: JSON.stringify([then.role, [...then.roleIds].sort(), [...then.unitIds].sort()]),
});

const toView = (rule: AccessRuleRow): AccessRuleView => ({
  id: rule.id,
  name: rule.name,
  when: rule.condition,
  then: { role: rule.role, roleIds: rule.roleIds, unitIds: rule.unitIds },
  enabled: rule.enabled,
  emailDomains: readOrNull(rule.condition)?.emailDomains ?? null,
  createdAt: rule.createdAt.toISOString(),
  updatedAt: rule.updatedAt.toISOString(),
  ...versionAndEtag(rule.version),
});
