import { Body, Controller, Delete, Get, Inject, Patch, Query, type Type } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonActor, Requires } from '../../common/access/index.js';
import { ApiErrors, IfMatch } from '../../http/index.js';
import type { LevelAccess, LevelLock } from '../setting.level.js';
import { AuthSettingsView, PatchAuthSettings, ResetAuthSettingsQuery } from './auth-settings.dto.js';
import type { AuthSettingsField } from './auth-settings.kind.js';
import { AuthSettingsConsequences, type AuthSettingsEdit, AuthSettingsService } from './auth-settings.service.js';

const LEVELS = {
  operator: {
    path: 't/:operator/api/v1/admin/operator/auth-settings',
    read: 'operator-auth-settings:read',
    edit: 'operator-auth-settings:edit',
    options: { freshProof: true },
    refusals: ['auth_settings.would_close_organizations'],
    name: 'Operator',
    summaries: {
      read: 'Read the sign-in settings of the operator.',
      edit: 'Change the sign-in settings of the operator. They apply to staff, and organizations can only be stricter.',
      reset: "Reset fields of the operator's sign-in settings to the system defaults.",
    },
  },
  organization: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/auth-settings',
    read: 'auth-settings:read',
    edit: 'auth-settings:edit',
    options: { freshProof: true, personOnly: true },
    refusals: [],
    name: 'Organization',
    summaries: {
      read: 'Read the effective sign-in settings of an organization with their sources and locks.',
      edit: 'Change the sign-in settings of an organization. Sessions that no longer meet them are ended at once.',
      reset: "Reset fields of an organization's sign-in settings to their inherited values.",
    },
  },
} as const;

const ChangeErrors = (...codes: string[]) =>
  ApiErrors(
    'auth_settings.no_way_in',
    'auth_settings.password_needs_mfa',
    'auth_settings.would_lock_out',
    'members.role_above_own',
    ...codes,
  );
const EditErrors = (...codes: string[]) =>
  ChangeErrors(
    'auth_settings.locked',
    'auth_settings.weaker_than_inherited',
    'auth_settings.no_method_left',
    'auth_settings.break_glass_not_admin',
    ...codes,
  );

const fieldsOf = ({ fields }: ResetAuthSettingsQuery): AuthSettingsField[] => fields.split(',') as AuthSettingsField[];

const placeOf = ({ operator, organizationId }: LevelAccess) => ({ operatorId: operator.id, organizationId });

/** Builds the routes of one level. The sign-in module registers the result, because it knows the consequences of changes. */
export function authSettingsController<A extends LevelAccess, O>(
  level: keyof typeof LEVELS,
  lock: LevelLock<A, O>,
  consequencesType: Type<AuthSettingsConsequences>,
) {
  const { path, read, edit, options, refusals, name, summaries } = LEVELS[level];

  @ApiTags('Sign-in settings')
  @Controller(path)
  class AuthSettingsController {
    constructor(
      private readonly settings: AuthSettingsService,
      @Inject(lock.service) private readonly owner: O,
      @Inject(consequencesType) private readonly consequences: AuthSettingsConsequences,
    ) {}

    @ApiOperation({ operationId: `get${name}AuthSettings`, summary: summaries.read })
    @Get()
    @Requires(level, read)
    @ApiOkResponse({ type: AuthSettingsView })
    read(@CurrentAccess() access: A): Promise<AuthSettingsView> {
      return this.settings.read(placeOf(access));
    }

    @ApiOperation({ operationId: `edit${name}AuthSettings`, summary: summaries.edit })
    @Patch()
    @Requires(level, edit, options)
    @ApiOkResponse({ type: AuthSettingsView })
    @EditErrors(...refusals)
    edit(
      @CurrentAccess() access: A,
      @Body() patch: PatchAuthSettings,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<AuthSettingsView> {
      return this.settings.edit(this.editOf(access, ifMatch), patch);
    }

    @ApiOperation({ operationId: `reset${name}AuthSettings`, summary: summaries.reset })
    @Delete()
    @Requires(level, edit, options)
    @ApiOkResponse({ type: AuthSettingsView })
    @ChangeErrors(...refusals)
    reset(
      @CurrentAccess() access: A,
      @Query() query: ResetAuthSettingsQuery,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<AuthSettingsView> {
      return this.settings.reset(this.editOf(access, ifMatch), fieldsOf(query));
    }

    /** Builds the edit. API keys are refused on these routes. */
    private editOf(access: A, ifMatch: string | undefined): AuthSettingsEdit {
      return {
        place: placeOf(access),
        actor: access.actor as PersonActor,
        ifMatch,
        lock: (tx) => lock.lock(this.owner, tx, access),
        consequences: this.consequences,
      };
    }
  }
  return AuthSettingsController;
}
