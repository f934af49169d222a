import { Body, Controller, Delete, Get, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  CurrentAccess,
  type OrganizationAccess,
  type PersonAccess,
  type PersonActor,
  Requires,
} from '../../common/access/index.js';
import { IfMatch, ApiErrors } from '../../http/index.js';
import {
  type AuthSettingsField,
  AuthSettingsView,
  PatchAuthSettings,
  ResetAuthSettingsQuery,
} from '../../settings/index.js';
import { AuthSettings, type AuthSettingsEdit } from './auth-settings.service.js';

const ChangeErrors = (...codes: string[]) =>
  ApiErrors('auth_settings.no_way_in', 'auth_settings.password_needs_mfa', 'auth_settings.would_lock_out', ...codes);
const EditErrors = (...codes: string[]) =>
  ChangeErrors(
    'auth_settings.locked',
    'auth_settings.weaker_than_inherited',
    'auth_settings.no_method_left',
    'auth_settings.break_glass_not_admin',
    'members.role_above_own',
    ...codes,
  );

const fieldsOf = ({ fields }: ResetAuthSettingsQuery): AuthSettingsField[] => fields.split(',') as AuthSettingsField[];

@ApiTags('Sign-in settings')
@Controller('t/:operator/api/v1/admin/operator/auth-settings')
export class OperatorAuthSettingsController {
  constructor(private readonly settings: AuthSettings) {}

  @ApiOperation({ summary: 'Read how people sign in to the operator.' })
  @Get()
  @Requires('operator', 'operator-auth-settings:read')
  @ApiOkResponse({ type: AuthSettingsView })
  getOperatorAuthSettings(@CurrentAccess() { operator }: PersonAccess): Promise<AuthSettingsView> {
    return this.settings.read({ operatorId: operator.id, organizationId: null });
  }

  @ApiOperation({
    summary: 'Edit how people sign in to the operator; its organizations can only be stricter. Staff meet this itself.',
  })
  @Patch()
  @Requires('operator', 'operator-auth-settings:edit', { freshProof: 'withFactor' })
  @ApiOkResponse({ type: AuthSettingsView })
  @EditErrors('auth_settings.would_close_organizations')
  editOperatorAuthSettings(
    @CurrentAccess() access: PersonAccess,
    @Body() patch: PatchAuthSettings,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AuthSettingsView> {
    return this.settings.edit(editOfOperator(access, ifMatch), patch);
  }

  @ApiOperation({ summary: "Make fields of the operator's sign-in settings the system's defaults again." })
  @Delete()
  @Requires('operator', 'operator-auth-settings:edit', { freshProof: 'withFactor' })
  @ApiOkResponse({ type: AuthSettingsView })
  @ChangeErrors('auth_settings.would_close_organizations')
  resetOperatorAuthSettings(
    @CurrentAccess() access: PersonAccess,
    @Query() query: ResetAuthSettingsQuery,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AuthSettingsView> {
    return this.settings.reset(editOfOperator(access, ifMatch), fieldsOf(query));
  }
}

@ApiTags('Sign-in settings')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/auth-settings')
export class OrganizationAuthSettingsController {
  constructor(private readonly settings: AuthSettings) {}

  @ApiOperation({
    summary: 'Read how people sign in to an organization: what holds, where it came from and what is locked.',
  })
  @Get()
  @Requires('organization', 'auth-settings:read')
  @ApiOkResponse({ type: AuthSettingsView })
  getOrganizationAuthSettings(@CurrentAccess() access: OrganizationAccess): Promise<AuthSettingsView> {
    return this.settings.read({ operatorId: access.operator.id, organizationId: access.organizationId });
  }

  @ApiOperation({
    summary:
      'Edit how people sign in to an organization. It counts at once: sessions that do not meet it any more are ended.',
  })
  @Patch()
  @Requires('organization', 'auth-settings:edit', { personOnly: true, freshProof: 'withFactor' })
  @ApiOkResponse({ type: AuthSettingsView })
  @EditErrors()
  editOrganizationAuthSettings(
    @CurrentAccess() access: OrganizationAccess,
    @Body() patch: PatchAuthSettings,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AuthSettingsView> {
    return this.settings.edit(editOf(access, ifMatch), patch);
  }

  @ApiOperation({ summary: "Make fields of an organization's sign-in settings inherited again." })
  @Delete()
  @Requires('organization', 'auth-settings:edit', { personOnly: true, freshProof: 'withFactor' })
  @ApiOkResponse({ type: AuthSettingsView })
  @ChangeErrors()
  resetOrganizationAuthSettings(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ResetAuthSettingsQuery,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AuthSettingsView> {
    return this.settings.reset(editOf(access, ifMatch), fieldsOf(query));
  }
}

const editOfOperator = ({ operator, actor }: PersonAccess, ifMatch: string | undefined): AuthSettingsEdit => ({
  operatorId: operator.id,
  organizationId: null,
  actor,
  ifMatch,
});

/** The route takes persons alone. */
const editOf = (
  { operator, organizationId, actor }: OrganizationAccess,
  ifMatch: string | undefined,
): AuthSettingsEdit => ({ operatorId: operator.id, organizationId, actor: actor as PersonActor, ifMatch });
