import { applyDecorators, Body, Controller, Delete, Get, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  type Access,
  CurrentAccess,
  type OrganizationAccess,
  Requires,
  type UnitAccess,
} from '../../common/access/index.js';
import { AnyRequest, IfMatch, ApiErrors } from '../../http/index.js';
import { BrandingView, LogoQuery, PatchBranding, PatchUnitBranding, ResetBrandingQuery } from './branding.dto.js';
import type { BrandingField } from './branding.kind.js';
import { Branding, type BrandingEdit } from './branding.service.js';
import { uploadedFile } from './logo-upload.js';

const UploadsLogo = () =>
  applyDecorators(
    ApiConsumes('multipart/form-data'),
    ApiBody({
      schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
    }),
    ApiCreatedResponse({ type: BrandingView }),
    // The handler reads the parts itself, and refuses what is not multipart.
    AnyRequest(),
    ApiErrors('branding.logo_too_large', 'branding.logo_invalid', 'branding.locked'),
  );

const fieldsOf = (query: ResetBrandingQuery): BrandingField[] => query.fields.split(',') as BrandingField[];

const editOf = (access: Access & Partial<UnitAccess>, ifMatch: string | undefined): BrandingEdit => ({
  place: { operatorId: access.operator.id, organizationId: access.organizationId, unitId: access.unitId },
  operatorSlug: access.operator.slug,
  actor: access.actor,
  ifMatch,
});

@ApiTags('Branding')
@Controller('t/:operator/api/v1/admin/operator/branding')
export class OperatorBrandingController {
  constructor(private readonly branding: Branding) {}

  @ApiOperation({ summary: 'Read the branding of the operator.' })
  @Get()
  @Requires('operator', 'operator-branding:read')
  @ApiOkResponse({ type: BrandingView })
  getOperatorBranding(@CurrentAccess() access: Access): Promise<BrandingView> {
    return this.branding.read({ operatorId: access.operator.id });
  }

  @ApiOperation({ summary: 'Edit the branding of the operator, which all its organizations inherit.' })
  @Patch()
  @Requires('operator', 'operator-branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors('branding.locked')
  editOperatorBranding(
    @CurrentAccess() access: Access,
    @Body() patch: PatchBranding,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.edit(editOf(access, ifMatch), patch);
  }

  @ApiOperation({ summary: "Make fields of the operator's branding the system's defaults again." })
  @Delete()
  @Requires('operator', 'operator-branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors()
  resetOperatorBranding(
    @CurrentAccess() access: Access,
    @Query() query: ResetBrandingQuery,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.reset(editOf(access, ifMatch), fieldsOf(query));
  }

  @ApiOperation({ summary: 'Upload a logo of the operator: PNG, JPEG, WebP or SVG, at most 512 KiB.' })
  @Post('logo')
  @Requires('operator', 'operator-branding:edit')
  @UploadsLogo()
  async uploadOperatorLogo(
    @CurrentAccess() access: Access,
    @Query() query: LogoQuery,
    @Req() request: FastifyRequest,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.uploadLogo(editOf(access, ifMatch), query.field ?? 'logoUrl', await uploadedFile(request));
  }
}

@ApiTags('Branding')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/branding')
export class OrganizationBrandingController {
  constructor(private readonly branding: Branding) {}

  @ApiOperation({ summary: 'Read the branding of an organization: what holds, where it came from and what is locked.' })
  @Get()
  @Requires('organization', 'branding:read')
  @ApiOkResponse({ type: BrandingView })
  getOrganizationBranding(@CurrentAccess() access: OrganizationAccess): Promise<BrandingView> {
    return this.branding.read({ operatorId: access.operator.id, organizationId: access.organizationId });
  }

  @ApiOperation({ summary: 'Edit the branding of an organization.' })
  @Patch()
  @Requires('organization', 'branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors('branding.locked')
  editOrganizationBranding(
    @CurrentAccess() access: OrganizationAccess,
    @Body() patch: PatchBranding,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.edit(editOf(access, ifMatch), patch);
  }

  @ApiOperation({ summary: "Make fields of an organization's branding inherited again." })
  @Delete()
  @Requires('organization', 'branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors()
  resetOrganizationBranding(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ResetBrandingQuery,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.reset(editOf(access, ifMatch), fieldsOf(query));
  }

  @ApiOperation({ summary: 'Upload a logo of an organization: PNG, JPEG, WebP or SVG, at most 512 KiB.' })
  @Post('logo')
  @Requires('organization', 'branding:edit')
  @UploadsLogo()
  async uploadOrganizationLogo(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: LogoQuery,
    @Req() request: FastifyRequest,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.uploadLogo(editOf(access, ifMatch), query.field ?? 'logoUrl', await uploadedFile(request));
  }
}

@ApiTags('Branding')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/units/:unitId/branding')
export class UnitBrandingController {
  constructor(private readonly branding: Branding) {}

  @ApiOperation({ summary: 'Read the branding of a unit: what holds, where it came from and what is locked.' })
  @Get()
  @Requires('unit', 'unit-branding:read')
  @ApiOkResponse({ type: BrandingView })
  getUnitBranding(@CurrentAccess() access: UnitAccess): Promise<BrandingView> {
    return this.branding.read({
      operatorId: access.operator.id,
      organizationId: access.organizationId,
      unitId: access.unitId,
    });
  }

  @ApiOperation({ summary: 'Edit the branding of a unit.' })
  @Patch()
  @Requires('unit', 'unit-branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors('branding.locked')
  editUnitBranding(
    @CurrentAccess() access: UnitAccess,
    @Body() patch: PatchUnitBranding,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.edit(editOf(access, ifMatch), patch);
  }

  @ApiOperation({ summary: "Make fields of a unit's branding inherited again." })
  @Delete()
  @Requires('unit', 'unit-branding:edit')
  @ApiOkResponse({ type: BrandingView })
  @ApiErrors()
  resetUnitBranding(
    @CurrentAccess() access: UnitAccess,
    @Query() query: ResetBrandingQuery,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.reset(editOf(access, ifMatch), fieldsOf(query));
  }

  @ApiOperation({ summary: 'Upload a logo of a unit: PNG, JPEG, WebP or SVG, at most 512 KiB.' })
  @Post('logo')
  @Requires('unit', 'unit-branding:edit')
  @UploadsLogo()
  async uploadUnitLogo(
    @CurrentAccess() access: UnitAccess,
    @Query() query: LogoQuery,
    @Req() request: FastifyRequest,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<BrandingView> {
    return this.branding.uploadLogo(editOf(access, ifMatch), query.field ?? 'logoUrl', await uploadedFile(request));
  }
}
