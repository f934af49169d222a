import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires, type UnitAccess } from '../../common/access/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiErrors, IdParam, IfMatch } from '../../http/index.js';
import type { ContentKind } from '../model/content.types.js';
import { AdoptionService } from './adoption.service.js';
import {
  PatchAdoption,
  ReceivedContentItemView,
  ReceivedContentQuery,
  ReceivedContentView,
  RenderedTemplateView,
  RenderTemplate,
} from './received-content.dto.js';
import { ReceivedContentService } from './received-content.service.js';
import { TemplateRenderingService } from './template-rendering.service.js';

class ReceivedContentPage extends PageOf(ReceivedContentItemView, 'ReceivedContentItem') {}

const KINDS = {
  template: { path: 'templates', tag: 'Templates', name: 'Template', plural: 'Templates', noun: 'template' },
  content: { path: 'content', tag: 'Content', name: 'Content', plural: 'Content', noun: 'content item' },
} as const;

const BASE = 't/:operator/api/v1/organizations/:orgId';
const RENDERING = ['content.too_large', 'content.too_complex'];

/** Builds the organization's routes of one kind. */
function organizationController(kind: ContentKind) {
  const { path, tag, name, plural, noun } = KINDS[kind];

  @ApiTags(tag)
  @Controller(`${BASE}/${path}`)
  class OrganizationContentController {
    constructor(
      protected readonly content: ReceivedContentService,
      private readonly adoptions: AdoptionService,
      protected readonly rendering: TemplateRenderingService,
    ) {}

    @ApiOperation({
      operationId: `listOrganization${plural}`,
      summary: `List the ${noun}s that the operator publishes to an organization.`,
    })
    @Get()
    @Requires('organization', 'content:read')
    @ApiOkResponse({ type: ReceivedContentPage })
    list(
      @CurrentAccess() access: OrganizationAccess,
      @Query() query: ReceivedContentQuery,
    ): Promise<Page<ReceivedContentItemView>> {
      return this.content.list(access, kind, query);
    }

    @ApiOperation({
      operationId: `getOrganization${name}`,
      summary: `Read a ${noun} with the values of its fields in an organization.`,
    })
    @Get(':documentId')
    @Requires('organization', 'content:read')
    @ApiErrors('content.not_found', ...RENDERING)
    @ApiOkResponse({ type: ReceivedContentView })
    get(
      @CurrentAccess() access: OrganizationAccess,
      @Param('documentId', IdParam) id: string,
    ): Promise<ReceivedContentView> {
      return this.content.view(access, kind, id);
    }

    @ApiOperation({
      operationId: `adoptOrganization${name}`,
      summary: `Override fields of a ${noun}, and choose the version that the organization uses.`,
    })
    @Patch(':documentId/adoption')
    @Requires('organization', 'content:adopt')
    @ApiErrors(
      'content.not_found',
      'content.unknown_version',
      'content.unknown_field',
      'content.field_locked',
      'content.wrong_type',
      ...RENDERING,
    )
    @ApiOkResponse({ type: ReceivedContentView })
    adopt(
      @CurrentAccess() access: OrganizationAccess,
      @Param('documentId', IdParam) id: string,
      @Body() input: PatchAdoption,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<ReceivedContentView> {
      return this.adoptions.adopt(access, kind, id, input, ifMatch);
    }

    @ApiOperation({
      operationId: `resetOrganization${name}`,
      summary: `Follow the newest version of a ${noun} again, without overrides.`,
    })
    @Delete(':documentId/adoption')
    @HttpCode(204)
    @Requires('organization', 'content:adopt')
    @ApiErrors('content.not_found')
    @ApiNoContentResponse()
    reset(
      @CurrentAccess() access: OrganizationAccess,
      @Param('documentId', IdParam) id: string,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<void> {
      return this.adoptions.reset(access, kind, id, ifMatch);
    }
  }
  return OrganizationContentController;
}

/** Builds the unit's routes of one kind. */
function unitController(kind: ContentKind) {
  const { path, tag, name, plural, noun } = KINDS[kind];

  @ApiTags(tag)
  @Controller(`${BASE}/units/:unitId/${path}`)
  class UnitContentController {
    constructor(private readonly content: ReceivedContentService) {}

    @ApiOperation({
      operationId: `listUnit${plural}`,
      summary: `List the ${noun}s that a unit receives through its organization.`,
    })
    @Get()
    @Requires('unit', 'unit:read')
    @ApiOkResponse({ type: ReceivedContentPage })
    list(
      @CurrentAccess() access: UnitAccess,
      @Query() query: ReceivedContentQuery,
    ): Promise<Page<ReceivedContentItemView>> {
      return this.content.list(access, kind, query);
    }

    @ApiOperation({
      operationId: `getUnit${name}`,
      summary: `Read a ${noun} with the values of its fields in a unit.`,
    })
    @Get(':documentId')
    @Requires('unit', 'unit:read')
    @ApiErrors('content.not_found', ...RENDERING)
    @ApiOkResponse({ type: ReceivedContentView })
    get(@CurrentAccess() access: UnitAccess, @Param('documentId', IdParam) id: string): Promise<ReceivedContentView> {
      return this.content.view(access, kind, id);
    }
  }
  return UnitContentController;
}

export class OrganizationTemplateController extends organizationController('template') {
  @ApiOperation({
    summary: 'Render a template with the variables of the organization, or of one of its units. Nothing is stored.',
  })
  @Post(':documentId/render')
  @HttpCode(200)
  @Requires('organization', 'content:read')
  @ApiErrors('content.not_found', 'content.field_locked', 'units.not_found', ...RENDERING)
  @ApiOkResponse({ type: RenderedTemplateView })
  renderOrganizationTemplate(
    @CurrentAccess() access: OrganizationAccess,
    @Param('documentId', IdParam) id: string,
    @Body() input: RenderTemplate,
  ): Promise<RenderedTemplateView> {
    return this.rendering.render(access, id, input);
  }
}

export const OrganizationContentController = organizationController('content');
export const UnitTemplateController = unitController('template');
export const UnitContentController = unitController('content');
