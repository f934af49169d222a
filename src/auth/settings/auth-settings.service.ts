import { Injectable } from '@nestjs/common';
import { assertMayGrant, effectiveRoles, type PersonActor } from '../../common/access/index.js';
import { Database, type Tx } from '../../common/database/index.js';
import { type AppErrorOptions, commonErrors } from '../../common/errors/index.js';
import { inherit, type LevelName } from '../../common/inheritance/index.js';
import {
  AUTH_SETTINGS,
  AUTH_SETTINGS_FIELDS,
  type AuthSettingsField,
  authSettingsErrors,
  type AuthSettingsView,
  changeOf,
  type FlatAuthSettings,
  nested,
  normalized,
  PASSWORD_ALONE_MIN_LENGTH,
  type PatchAuthSettings,
  Settings,
  type SettingState,
  type SignInMethod,
  weakened,
} from '../../settings/index.js';

import { Passwords } from '../credentials/passwords.js';
import { entranceOf, refusalOf } from '../entry/entry-rules.js';
import { newSession } from '../entry/proof.js';
import { AccessStore } from '../guard/access.store.js';
import { SecondFactors } from '../mfa/second-factors.js';
import { Sessions } from '../sessions/session.service.js';
import { AuthSettingsStore } from './auth-settings.store.js';

/** Who changes the settings of what. */
export interface AuthSettingsEdit {
  operatorId: string;
  organizationId: string | null;
  actor: PersonActor;
  ifMatch: string | undefined;
}

type State = SettingState<FlatAuthSettings>;
type Change = { set?: Partial<FlatAuthSettings>; reset: AuthSettingsField[]; locks?: AuthSettingsField[] | undefined };

const placeOf = ({ operatorId, organizationId }: Pick<AuthSettingsEdit, 'operatorId' | 'organizationId'>) => ({
  operatorId,
  organizationId: organizationId ?? undefined,
});

/** How people sign in to an operator and to its organizations; what follows from it is in `entry/`. */
@Injectable()
export class AuthSettings {
  constructor(
    private readonly db: Database,
    private readonly settings: Settings,
    private readonly store: AuthSettingsStore,
    private readonly access: AccessStore,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly factors: SecondFactors,
  ) {}

  /** Throws not_found. */
  async read(place: { operatorId: string; organizationId: string | null }): Promise<AuthSettingsView> {
    return toView(await this.settings.read(AUTH_SETTINGS, placeOf(place)));
  }

  /**
   * Counts at once: sessions that do not meet the settings any more are refused from the commit on, and ended. Throws
   * auth_settings.locked, .weaker_than_inherited, .no_method_left, .no_way_in, .password_needs_mfa, .break_glass_not_admin,
   * .would_lock_out, .would_close_organizations, members.role_above_own, and everything else `Settings.change` throws.
   */
  edit(by: AuthSettingsEdit, patch: PatchAuthSettings): Promise<AuthSettingsView> {
    const { set, reset } = changeOf(AUTH_SETTINGS_FIELDS, patch);
    const values = normalized(set as Partial<FlatAuthSettings>);
    if (values.allowedEmailDomains?.length === 0) {
      delete values.allowedEmailDomains;
      reset.push('allowedEmailDomains');
    }
    return this.change(by, { set: values, reset, locks: patch.locks });
  }

  /** Makes fields inherited again, locked above or not. Throws as `edit`. */
  reset(by: AuthSettingsEdit, fields: AuthSettingsField[]): Promise<AuthSettingsView> {
    return this.change(by, { reset: fields });
  }

  private async change(by: AuthSettingsEdit, change: Change): Promise<AuthSettingsView> {
    const { actor, ifMatch, operatorId, organizationId } = by;
    const state = await this.db.transaction(async (tx) => {
      // What is asked together with the level above must not be changed there at the same time.
      if (organizationId !== null) await this.store.holdOperator(tx, operatorId);
      const changed = await this.settings.change(tx, AUTH_SETTINGS, placeOf(by), { actor, ifMatch, ...change });
      await this.assertSound(tx, by, change, changed);
      await this.assertNotLockedOut(tx, by, changed);
      if (organizationId === null) await this.assertNoneClosed(tx, operatorId, change, changed);
      return changed;
    });
    // The guard refuses them already: this puts an end to what they were given, also after a crash at the next change.
    await this.sessions.endUnfit(actor, operatorId, organizationId);
    return toView(state);
  }

  private async assertSound(tx: Tx, by: AuthSettingsEdit, { set = {}, reset }: Change, state: State): Promise<void> {
    const { operatorId, organizationId } = by;
    if (organizationId !== null) {
      const above = await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId });
      const weaker = weakened(above.values, set);
      if (weaker.length > 0)
        throw authSettingsErrors.weaker_than_inherited(fieldErrors(weaker, 'is weaker than above'));
    }
    const { values } = state;
    const touched = (...fields: AuthSettingsField[]) =>
      fields.some((field) => set[field] !== undefined || reset.includes(field));
    if (touched('allowedMethods') && values.allowedMethods.length === 0)
      throw authSettingsErrors.no_method_left(fieldErrors(['allowedMethods'], 'must name one'));
    if (
      values.mfaPolicy === 'required' &&
      touched('mfaPolicy', 'allowedMfaMethods') &&
      !values.allowedMfaMethods.length
    )
      throw authSettingsErrors.no_method_left(fieldErrors(['allowedMfaMethods'], 'must name one'));
    if (
      touched('invitations', 'jitProvisioning.email', 'jitProvisioning.sso') &&
      values.invitations === 'off' &&
      !values['jitProvisioning.email'] &&
      !values['jitProvisioning.sso']
    )
      throw authSettingsErrors.no_way_in();
    if (
      touched('passwordMinLength', 'mfaPolicy') &&
      values.passwordMinLength < PASSWORD_ALONE_MIN_LENGTH &&
      values.mfaPolicy !== 'required'
    )
      throw authSettingsErrors.password_needs_mfa(fieldErrors(['passwordMinLength'], 'is too small'));
    if (set.breakGlassUserIds) {
      const admins = await this.store.admins(tx, operatorId, organizationId, set.breakGlassUserIds);
      const userIds = set.breakGlassUserIds.filter((id) => !admins.includes(id));
      if (userIds.length > 0) throw authSettingsErrors.break_glass_not_admin({ data: { userIds } });
    }
    await this.assertMayPromise(tx, by, set);
  }

  /** A stricter operator leaves each of its organizations a way to come in, and one to become a member. */
  private async assertNoneClosed(
    tx: Tx,
    operatorId: string,
    { set = {}, reset, locks }: Change,
    state: State,
  ): Promise<void> {
    // A lock that is taken away lets what is stored below count again.
    const touched = AUTH_SETTINGS_FIELDS.filter((name) => locks || set[name] !== undefined || reset.includes(name));
    if (!touched.some((name) => CLOSING.includes(name))) return;
    const operator = levelOf('operator', { values: state.local, locks: state.locks });
    const organizationIds: string[] = [];
    for (let afterId = NO_ID; ;) {
      const below = await this.store.rulesBelow(tx, operatorId, { afterId, limit: PAGE });
      for (const { id, ...rules } of below) {
        const { values } = inherit(AUTH_SETTINGS.fields, [operator, levelOf('organization', rules)]);
        const open = (rules.values.breakGlassUserIds ?? []).length > 0;
        if (isClosed(values, touched, open)) organizationIds.push(id);
      }
      if (below.length < PAGE || organizationIds.length >= NAMED) break;
      afterId = below.at(-1)?.id ?? NO_ID;
    }
    if (organizationIds.length > 0)
      throw authSettingsErrors.would_close_organizations({
        data: { organizationIds: organizationIds.slice(0, NAMED) },
      });
  }

  /** Nobody has others given by provisioning what he does not hold. */
  private async assertMayPromise(tx: Tx, by: AuthSettingsEdit, set: Partial<FlatAuthSettings>): Promise<void> {
    const role = set['jitProvisioning.defaultRole'];
    if (!role) return;
    const { roles } = await this.standing(tx, by);
    assertMayGrant(by.organizationId === null ? roles.operator : roles.organization, role);
  }

  /** Whoever saves must still be able to sign in anew, or somebody else by break-glass. */
  private async assertNotLockedOut(tx: Tx, by: AuthSettingsEdit, { local }: State): Promise<void> {
    const { facts, roles } = await this.standing(tx, by);
    const entrance = entranceOf(facts, by.actor.userId, roles);
    // In an organization staff come in by the operator's rules.
    if (by.organizationId !== null && entrance.asStaff) return;
    const { userId } = by.actor;
    const methods = new Set<SignInMethod>(['magic_link']);
    if (facts.session) methods.add(facts.session.method);
    if (await this.passwords.findHash(tx, userId)) methods.add('password');
    if ((await this.factors.enrolled(tx, userId)).passkey) methods.add('passkey');
    const ssoOrganizationId = facts.session?.ssoOrganizationId ?? null;
    // A second factor that is missing can be enrolled on the way in.
    const mayEnter = [...methods].some(
      (method) => refusalOf(newSession({ method, factors: ['recovery_code'], ssoOrganizationId }), entrance) === null,
    );
    if (mayEnter) return;
    // Those who were named and are no admins any more open nothing.
    const { operatorId, organizationId } = by;
    if ((await this.store.admins(tx, operatorId, organizationId, local.breakGlassUserIds ?? [])).length > 0) return;
    throw authSettingsErrors.would_lock_out();
  }

  private async standing(tx: Tx, { actor, operatorId, organizationId }: AuthSettingsEdit) {
    const place = { operatorId, organizationId: organizationId ?? undefined };
    const facts = await this.access.ofSession(tx, actor, place);
    if (!facts) throw commonErrors.conflict();
    const { platformAdmin, operatorRole: operator, organizationRole: organization } = facts;
    return { facts, roles: effectiveRoles({ platformAdmin, operator, organization, unit: null }) };
  }
}

/** Fields that, inherited together, can leave nobody a way. */
const CLOSING: readonly AuthSettingsField[] = [
  'allowedMethods',
  'allowedEmailDomains',
  'mfaPolicy',
  'allowedMfaMethods',
  'invitations',
  'jitProvisioning.email',
  'jitProvisioning.sso',
];
const PAGE = 1_000;
/** How many an answer names. */
const NAMED = 20;
const NO_ID = '00000000-0000-0000-0000-000000000000';

const levelOf = (level: LevelName, { values, locks }: { values: Partial<FlatAuthSettings>; locks: string[] }) => ({
  level,
  id: '',
  name: '',
  values,
  locks,
});

/** Whether, because of what was touched, nobody comes in any more, or becomes a member. `opened`: somebody breaks glass there. */
function isClosed(values: FlatAuthSettings, touched: readonly AuthSettingsField[], opened: boolean): boolean {
  const by = (...fields: AuthSettingsField[]) => fields.some((field) => touched.includes(field));
  const { allowedMethods, allowedEmailDomains, allowedMfaMethods, mfaPolicy, invitations } = values;
  return (
    (by('allowedMethods') && allowedMethods.length === 0 && !opened) ||
    (by('allowedEmailDomains') && allowedEmailDomains?.length === 0 && !opened) ||
    (by('mfaPolicy', 'allowedMfaMethods') && mfaPolicy === 'required' && allowedMfaMethods.length === 0) ||
    (by('invitations', 'jitProvisioning.email', 'jitProvisioning.sso') &&
      invitations === 'off' &&
      !values['jitProvisioning.email'] &&
      !values['jitProvisioning.sso'])
  );
}

const fieldErrors = (fields: string[], problem: string): AppErrorOptions => ({
  errors: fields.map((field) => ({ field, message: `${field} ${problem}` })),
});

function toView({ values, sources, local, locked, locks, etag }: State): AuthSettingsView {
  return {
    values: nested(values) as unknown as AuthSettingsView['values'],
    sources,
    local: nested(local),
    locked,
    locks,
    etag,
  };
}
