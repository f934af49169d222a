import { Injectable } from '@nestjs/common';
import type { OperatorRef, Origin } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { truncate } from '../../../common/validation/index.js';
import { RoleResolver, OrganizationMemberService } from '../../../organizations/index.js';
import { UnitMemberService } from '../../../units/index.js';
import { newSession } from '../../access/index.js';
import { SessionScopeService } from '../../identity/index.js';
import { claimWarningsOf } from '../admission/claim-warnings.js';
import { type Assertion, keptClaims, profileOf, storableClaims } from '../claims.js';
import { ConnectionStore, type UsableConnection } from '../connections/connection.store.js';
import { SsoAdmissionService } from '../admission/sso-admission.service.js';
import type { PendingSsoLogin } from '../login-state/pending-sso-login.js';
import type { SsoIntent } from '../sso-intent.js';
import type { ProviderResponse } from '../login-state/provider-response.js';
import { SsoStateService } from '../login-state/sso-state.service.js';
import { UsableConnectionService } from '../connections/usable-connection.service.js';
import type { SsoTrialView } from '../connections/connection-test.dto.js';

type Test = SsoIntent & { kind: 'test' };
type Shown = Omit<SsoTrialView, 'testedAt' | 'testedBy'>;

const MAX_UNITS = 50;
/** Of those shown. All of them count. */
const MAX_GROUPS = 500;

const NOTHING: Shown = {
  outcome: 'refused',
  refusal: null,
  subject: null,
  claims: null,
  mapped: null,
  account: null,
  membership: null,
  warnings: [],
};

const refused = ({ code, detail }: AppError): Pick<Shown, 'outcome' | 'refusal'> => ({
  outcome: code === 'auth.mfa_required' ? 'mfa_required' : 'refused',
  refusal: { code, detail },
});

/** Rolls back the transaction of a test. */
class DryRunRollback extends Error {
  constructor(readonly shown: Pick<Shown, 'outcome' | 'refusal' | 'account' | 'membership'>) {
    super('taken back');
  }
}

/** Runs a complete sign-in in a transaction that is rolled back, so that a test cannot differ from a real sign-in. */
@Injectable()
export class ConnectionTestService {
  constructor(
    private readonly db: Database,
    private readonly connections: UsableConnectionService,
    private readonly store: ConnectionStore,
    private readonly states: SsoStateService,
    private readonly admission: SsoAdmissionService,
    private readonly scopes: SessionScopeService,
    private readonly members: OrganizationMemberService,
    private readonly unitMembers: UnitMemberService,
    private readonly roles: RoleResolver,
  ) {}

  async run(
    operator: OperatorRef,
    { connectionId }: PendingSsoLogin,
    intent: Test,
    origin: Origin,
    answer: () => Promise<ProviderResponse>,
  ): Promise<SsoTrialView> {
    const connection = await this.connections.get(this.db.reader, operator, connectionId, { intent });
    let shown = NOTHING;
    try {
      const { assertion } = await answer();
      shown = { ...shown, ...said(connection, assertion) };
      shown = { ...shown, ...(await this.tried(operator, connection, assertion, origin)) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      shown = { ...shown, ...refused(error) };
    }
    return this.keep(connection, intent, shown);
  }

  /** Records a test that failed before the provider answered. */
  async failed(connection: UsableConnection, intent: Test, refusal: AppError): Promise<void> {
    await this.keep(connection, intent, { ...NOTHING, ...refused(refusal) });
  }

  private async keep(connection: UsableConnection, { callerId }: Test, shown: Shown): Promise<SsoTrialView> {
    const view: SsoTrialView = { testedAt: new Date().toISOString(), testedBy: callerId, ...shown };
    const { organizationId, id } = connection;
    await this.db.transaction((tx) => this.store.setLastTest(tx, organizationId, id, view), { keepsAccess: true });
    return view;
  }

  private async tried(
    operator: OperatorRef,
    connection: UsableConnection,
    assertion: ProviderResponse['assertion'],
    origin: Origin,
  ): Promise<Pick<Shown, 'outcome' | 'refusal' | 'account' | 'membership'>> {
    await this.db.transaction((tx) => this.states.assertNew(tx, operator, connection.id, assertion.assertionId), {
      keepsAccess: true,
    });
    try {
      return await this.db.transaction(
        async (tx) => {
          throw new DryRunRollback(await this.simulated(tx, operator, connection, assertion, origin));
        },
        { keepsAccess: true },
      );
    } catch (error) {
      if (error instanceof DryRunRollback) return error.shown;
      throw error;
    }
  }

  private async simulated(
    tx: Tx,
    operator: OperatorRef,
    connection: UsableConnection,
    assertion: Assertion,
    origin: Origin,
  ): Promise<Pick<Shown, 'outcome' | 'refusal' | 'account' | 'membership'>> {
    const { organizationId, type: method } = connection;
    const before = await this.admission.accountOfSubject(tx, operator, connection, assertion);
    const wasMember = before !== null && (await this.members.isMember(tx, organizationId, before.id));
    const { user } = await this.admission.admit(tx, operator, connection, assertion, origin);
    const member = await this.members.find(tx, organizationId, user.id);
    const roles = await this.roles.of(tx, organizationId, member?.roleIds ?? []);
    const person = { userId: user.id, operatorId: operator.id };
    const session = newSession({
      method,
      factors: assertion.askedForMore ? ['sso'] : [],
      ssoOrganizationId: organizationId,
    });
    return {
      ...(await this.doorOf(tx, person, session, organizationId)),
      account: { id: before?.id ?? null, email: user.email, name: user.name },
      membership: member && {
        isNew: !wasMember,
        role: member.role,
        roles: roles.map(({ key }) => key),
        unitIds: await this.unitMembers.unitIdsOf(tx, organizationId, user.id, MAX_UNITS),
      },
    };
  }

  private async doorOf(
    tx: Tx,
    person: { userId: string; operatorId: string },
    session: ReturnType<typeof newSession>,
    organizationId: string,
  ): Promise<Pick<Shown, 'outcome' | 'refusal'>> {
    try {
      await this.scopes.enter(tx, person, session, organizationId);
      return { outcome: 'signed_in', refusal: null };
    } catch (error) {
      if (error instanceof AppError) return refused(error);
      throw error;
    }
  }
}

function said(
  { mapping, organization: { externalId } }: UsableConnection,
  { subject, claims }: Assertion,
): Pick<Shown, 'subject' | 'claims' | 'mapped' | 'warnings'> {
  const { mapped, groups, organizations, ...profile } = profileOf(storableClaims(claims), mapping);
  const organization = organizations.find((one) => one === externalId) ?? organizations[0] ?? null;
  const { role = null, roleIds = [], unitIds = [] } = mapped ?? {};
  const { kept, omitted } = keptClaims(claims);
  return {
    subject: truncate(subject, 512),
    claims: kept,
    mapped: {
      ...profile,
      groups: groups.slice(0, MAX_GROUPS),
      groupCount: groups.length,
      organization,
      role,
      roleIds,
      unitIds,
    },
    warnings: claimWarningsOf(claims, mapping, omitted),
  };
}
