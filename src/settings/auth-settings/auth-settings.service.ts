import { Injectable } from '@nestjs/common';
import type { PersonActor, Role } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import type { SettingChange } from '../setting.kind.js';
import { SettingService } from '../setting.service.js';
import { changeOf, nested } from '../setting.shape.js';
import {
  assertConsistent,
  assertNotWeaker,
  type AuthSettingsChange,
  type AuthSettingsState,
  closingFields,
  isClosed,
} from './auth-settings.checks.js';
import type { AuthSettingsView, PatchAuthSettings } from './auth-settings.dto.js';
import { authSettingsErrors } from './auth-settings.errors.js';
import {
  AUTH_SETTINGS,
  AUTH_SETTINGS_FIELDS,
  type AuthSettingsField,
  type FlatAuthSettings,
  normalized,
} from './auth-settings.kind.js';
import { AuthSettingsStore } from './auth-settings.store.js';

export interface AuthSettingsPlace {
  operatorId: string;
  organizationId?: string | undefined;
}

/** A change of the settings of one level. */
export interface AuthSettingsEdit {
  place: AuthSettingsPlace;
  actor: PersonActor;
  ifMatch: string | undefined;
  lock: SettingChange<FlatAuthSettings>['lock'];
  /** Supplied by the sign-in module, which depends on this one. */
  consequences: AuthSettingsConsequences;
}

export interface AuthSettingsProposal {
  /** The role that the change opens to users who join by themselves. Null if it is not about joining. */
  newcomerRole: Role | null;
  /** An admin whom the level itself names may still sign in by break-glass. */
  breakGlassOpens: boolean;
}

/** Consequences of a change for users and sessions. */
export abstract class AuthSettingsConsequences {
  /** Refuses a default role above the caller's own, and settings with which the caller could not sign in again. */
  abstract assertAcceptable(
    tx: Tx,
    by: Pick<AuthSettingsEdit, 'place' | 'actor'>,
    proposal: AuthSettingsProposal,
  ): Promise<void>;

  /** Ends the sessions that no longer meet the settings. */
  abstract endUnfitSessions(by: Pick<AuthSettingsEdit, 'place' | 'actor'>): Promise<void>;
}

const PAGE = 1_000;
/** Limit of organizations that an error lists. */
const NAMED = 20;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Manages the sign-in settings of operators and organizations. */
@Injectable()
export class AuthSettingsService {
  constructor(
    private readonly db: Database,
    private readonly settings: SettingService,
    private readonly store: AuthSettingsStore,
  ) {}

  /** Returns the values that apply at a place. */
  async effective(place: AuthSettingsPlace): Promise<FlatAuthSettings> {
    return (await this.settings.read(AUTH_SETTINGS, place)).values;
  }

  /** Returns the length that a user's password must have for all of the user's organizations. */
  async passwordMinLengthOf(operatorId: string, userId: string): Promise<number> {
    const { values, locks } = await this.settings.read(AUTH_SETTINGS, { operatorId });
    if (locks.includes('passwordMinLength')) return values.passwordMinLength;
    return Math.max(values.passwordMinLength, await this.store.longestPasswordOf(this.db.reader, userId));
  }

  async read(place: AuthSettingsPlace): Promise<AuthSettingsView> {
    return toView(await this.settings.read(AUTH_SETTINGS, place));
  }

  /** Sets fields. Sessions that no longer meet the settings are refused from the commit on, and then ended. */
  edit(by: AuthSettingsEdit, patch: PatchAuthSettings): Promise<AuthSettingsView> {
    const { set, reset } = changeOf(AUTH_SETTINGS_FIELDS, patch);
    const values = normalized(set as Partial<FlatAuthSettings>);
    if (values.allowedEmailDomains?.length === 0) {
      delete values.allowedEmailDomains;
      reset.push('allowedEmailDomains');
    }
    return this.change(by, { set: values, reset, locks: patch.locks });
  }

  /** Makes fields inherited again, whether or not a level above locks them. */
  reset(by: AuthSettingsEdit, fields: AuthSettingsField[]): Promise<AuthSettingsView> {
    return this.change(by, { reset: fields });
  }

  private async change(by: AuthSettingsEdit, change: AuthSettingsChange): Promise<AuthSettingsView> {
    const { actor, ifMatch, lock, place, consequences } = by;
    const { operatorId, organizationId } = place;
    const state = await this.db.transaction(async (tx) => {
      // The organization is checked against its operator's settings, which must not change meanwhile.
      if (organizationId !== undefined) await this.store.holdOperator(tx, operatorId);
      const changed = await this.settings.change(tx, AUTH_SETTINGS, place, { actor, ifMatch, lock, ...change });
      const { set = {} } = change;
      if (organizationId !== undefined)
        assertNotWeaker((await this.settings.readIn(tx, AUTH_SETTINGS, { operatorId })).values, set);
      assertConsistent(change, changed.values);
      await this.assertAdmins(tx, place, set.breakGlassUserIds ?? []);
      const named = changed.local.breakGlassUserIds ?? [];
      const breakGlassOpens = (await this.store.admins(tx, place, named)).length > 0;
      const grants = [...Object.keys(set), ...change.reset].some((field) => field.startsWith('jitProvisioning.'));
      const newcomerRole = grants ? changed.values['jitProvisioning.defaultRole'] : null;
      await consequences.assertAcceptable(tx, by, { newcomerRole, breakGlassOpens });
      if (organizationId === undefined) await this.assertNoneClosed(tx, operatorId, change, changed);
      return changed;
    });
    // The guard refuses these sessions already. If the server stops before this line, the next change ends them.
    await consequences.endUnfitSessions(by);
    return toView(state);
  }

  private async assertAdmins(tx: Tx, place: AuthSettingsPlace, named: string[]): Promise<void> {
    const admins = await this.store.admins(tx, place, named);
    const userIds = named.filter((id) => !admins.includes(id));
    if (userIds.length > 0) throw authSettingsErrors.break_glass_not_admin({ data: { userIds } });
  }

  /** Rejects a change of the operator that leaves one of its organizations no way to sign in or to become a member. */
  private async assertNoneClosed(
    tx: Tx,
    operatorId: string,
    change: AuthSettingsChange,
    { local, locks }: AuthSettingsState,
  ): Promise<void> {
    const touched = closingFields(change);
    if (touched.length === 0) return;
    const organizationIds: string[] = [];
    for (let afterId = NO_ID; ;) {
      const below = await this.store.settingsBelow(tx, operatorId, { afterId, limit: PAGE });
      for (const organization of below)
        if (isClosed({ values: local, locks }, organization, touched)) organizationIds.push(organization.id);
      if (below.length < PAGE || organizationIds.length >= NAMED) break;
      afterId = below.at(-1)?.id ?? NO_ID;
    }
    if (organizationIds.length > 0)
      throw authSettingsErrors.would_close_organizations({
        data: { organizationIds: organizationIds.slice(0, NAMED) },
      });
  }
}

function toView({ values, sources, local, locked, locks, etag }: AuthSettingsState): AuthSettingsView {
  return {
    values: nested(values) as unknown as AuthSettingsView['values'],
    sources,
    local: nested(local),
    locked,
    locks,
    etag,
  };
}
