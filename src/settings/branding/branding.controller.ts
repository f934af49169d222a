import { applyDecorators, Body, Controller, Delete, Get, Inject, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentAccess, Requires } from '../../common/access/index.js';
import { AnyRequest, ApiErrors, IfMatch } from '../../http/index.js';
import type { LevelAccess, LevelLock } from '../setting.level.js';
import { BrandingView, LogoQuery, PatchBranding, PatchUnitBranding, ResetBrandingQuery } from './branding.dto.js';
import type { BrandingField } from './branding.kind.js';
import { BrandingService, type BrandingEdit } from './branding.service.js';
import { uploadedFile } from './logo-upload.js';

const LEVELS = {
  operator: {
    path: 't/:operator/api/v1/admin/operator/branding',
    read: 'operator-branding:read',
    edit: 'operator-branding:edit',
    patch: PatchBranding,
    name: 'Operator',
    summaries: {
      read: 'Read the branding of the operator.',
      edit: 'Change the branding of the operator, which all its organizations inherit.',
      reset: "Reset fields of the operator's branding to the system defaults.",
      upload: 'Upload a logo of the operator: PNG, JPEG, WebP or SVG, at most 512 KiB.',
    },
  },
  organization: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/branding',
    read: 'branding:read',
    edit: 'branding:edit',
    patch: PatchBranding,
    name: 'Organization',
    summaries: {
      read: 'Read the effective branding of an organization with its sources and locks.',
      edit: 'Change the branding of an organization.',
      reset: "Reset fields of an organization's branding to their inherited values.",
      upload: 'Upload a logo of an organization: PNG, JPEG, WebP or SVG, at most 512 KiB.',
    },
  },
  unit: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/units/:unitId/branding',
    read: 'unit-branding:read',
    edit: 'unit-branding:edit',
    patch: PatchUnitBranding,
    name: 'Unit',
    summaries: {
      read: 'Read the effective branding of a unit with its sources and locks.',
      edit: 'Change the branding of a unit.',
      reset: "Reset fields of a unit's branding to their inherited values.",
      upload: 'Upload a logo of a unit: PNG, JPEG, WebP or SVG, at most 512 KiB.',
    },
  },
} as const;

const UploadsLogo = () =>
  applyDecorators(
    ApiConsumes('multipart/form-data'),
    ApiBody({
      schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
    }),
    ApiCreatedResponse({ type: BrandingView }),
    // The handler reads the parts itself and refuses requests that are not multipart.
    AnyRequest(),
    ApiErrors('branding.logo_too_large', 'branding.logo_invalid', 'branding.locked'),
  );

const fieldsOf = (query: ResetBrandingQuery): BrandingField[] => query.fields.split(',') as BrandingField[];

const placeOf = ({ operator, organizationId, unitId }: LevelAccess) => ({
  operatorId: operator.id,
  organizationId,
  unitId,
});

/** Builds the branding routes of one level. The module that owns the level registers the result as its controller. */
export function brandingController<A extends LevelAccess, O>(level: keyof typeof LEVELS, lock: LevelLock<A, O>) {
  const { path, read, edit, patch, name, summaries } = LEVELS[level];

  // Validation needs a class, and the class differs between levels.
  class PatchOfLevel extends patch {}

  @ApiTags('Branding')
  @Controller(path)
  class BrandingController {
    constructor(
      private readonly branding: BrandingService,
      @Inject(lock.service) private readonly owner: O,
    ) {}

    @ApiOperation({ operationId: `get${name}Branding`, summary: summaries.read })
    @Get()
    @Requires(level, read)
    @ApiOkResponse({ type: BrandingView })
    read(@CurrentAccess() access: A): Promise<BrandingView> {
      return this.branding.read(placeOf(access));
    }

    @ApiOperation({ operationId: `edit${name}Branding`, summary: summaries.edit })
    @Patch()
    @Requires(level, edit)
    @ApiBody({ type: patch })
    @ApiOkResponse({ type: BrandingView })
    @ApiErrors('branding.locked')
    edit(
      @CurrentAccess() access: A,
      @Body() changes: PatchOfLevel,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<BrandingView> {
      return this.branding.edit(this.editOf(access, ifMatch), changes);
    }

    @ApiOperation({ operationId: `reset${name}Branding`, summary: summaries.reset })
    @Delete()
    @Requires(level, edit)
    @ApiOkResponse({ type: BrandingView })
    reset(
      @CurrentAccess() access: A,
      @Query() query: ResetBrandingQuery,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<BrandingView> {
      return this.branding.reset(this.editOf(access, ifMatch), fieldsOf(query));
    }

    @ApiOperation({ operationId: `upload${name}Logo`, summary: summaries.upload })
    @Post('logo')
    @Requires(level, edit)
    @UploadsLogo()
    async uploadLogo(
      @CurrentAccess() access: A,
      @Query() query: LogoQuery,
      @Req() request: FastifyRequest,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<BrandingView> {
      const file = await uploadedFile(request);
      return this.branding.uploadLogo(this.editOf(access, ifMatch), query.field ?? 'logoUrl', file);
    }

    private editOf(access: A, ifMatch: string | undefined): BrandingEdit {
      return {
        place: placeOf(access),
        operatorSlug: access.operator.slug,
        actor: access.actor,
        ifMatch,
        lock: (tx) => lock.lock(this.owner, tx, access),
      };
    }
  }
  return BrandingController;
}
