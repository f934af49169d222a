import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../../common/access/index.js';
import { type Page, PageOf, PageQuery } from '../../common/pagination/index.js';
import { ApiErrors, IdParam, IfMatch } from '../../http/index.js';
import type { ContentKind } from '../model/content.types.js';
import { VersionParam } from '../model/version.pipe.js';
import {
  ContentDocumentView,
  ContentListItemView,
  ContentQuery,
  ContentVersionItemView,
  ContentVersionView,
  CreateContent,
  CreateContentVersion,
  PatchContent,
  PublicationView,
  PublishContent,
} from './content.dto.js';
import { ContentService } from './content.service.js';
import { ContentPublicationJob } from './publication.job.js';
import { PublicationService } from './publication.service.js';

class ContentItemPage extends PageOf(ContentListItemView, 'ContentListItem') {}
class ContentVersionPage extends PageOf(ContentVersionItemView, 'ContentVersionItem') {}

const KINDS = {
  template: { path: 'templates', tag: 'Templates', name: 'Template', plural: 'Templates', noun: 'template' },
  content: { path: 'content', tag: 'Content', name: 'Content', plural: 'Content', noun: 'content item' },
} as const;

const TEXT = ['content.invalid_json', 'content.too_large', 'content.too_complex'];

/** Builds the operator's routes of one kind. */
function contentController(kind: ContentKind) {
  const { path, tag, name, plural, noun } = KINDS[kind];

  @ApiTags(tag)
  @Controller(`t/:operator/api/v1/admin/${path}`)
  class ContentController {
    constructor(
      private readonly content: ContentService,
      private readonly publications: PublicationService,
      private readonly job: ContentPublicationJob,
    ) {}

    @ApiOperation({ operationId: `list${plural}`, summary: `List the ${noun}s of the operator.` })
    @Get()
    @Requires('operator', 'operator-content:read')
    @ApiOkResponse({ type: ContentItemPage })
    list(@CurrentAccess() access: Access, @Query() query: ContentQuery): Promise<Page<ContentListItemView>> {
      return this.content.list(access, kind, query);
    }

    @ApiOperation({
      operationId: `create${name}`,
      summary: `Create a ${noun}. Its first version is a draft until it is published.`,
    })
    @Post()
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.key_taken', 'content.limit_reached', 'content.unknown_organization', ...TEXT)
    @ApiCreatedResponse({ type: ContentDocumentView })
    create(@CurrentAccess() access: Access, @Body() input: CreateContent): Promise<ContentDocumentView> {
      return this.content.create(access, kind, input);
    }

    @ApiOperation({ operationId: `get${name}`, summary: `Read a ${noun} with the text of its newest version.` })
    @Get(':documentId')
    @Requires('operator', 'operator-content:read')
    @ApiErrors('content.not_found')
    @ApiOkResponse({ type: ContentDocumentView })
    get(@CurrentAccess() access: Access, @Param('documentId', IdParam) id: string): Promise<ContentDocumentView> {
      return this.content.view(access, kind, id);
    }

    @ApiOperation({
      operationId: `update${name}`,
      summary: `Change the draft of a ${noun}. Once the newest version is published, only the audience can change.`,
    })
    @Patch(':documentId')
    @Requires('operator', 'operator-content:edit')
    @ApiErrors(
      'content.not_found',
      'content.version_published',
      'content.version_scheduled',
      'content.unknown_organization',
      ...TEXT,
    )
    @ApiOkResponse({ type: ContentDocumentView })
    update(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
      @Body() input: PatchContent,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<ContentDocumentView> {
      return this.content.patch(access, kind, id, input, ifMatch);
    }

    @ApiOperation({ operationId: `delete${name}`, summary: `Delete a ${noun} that was never published.` })
    @Delete(':documentId')
    @HttpCode(204)
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.not_found', 'content.published')
    @ApiNoContentResponse()
    delete(@CurrentAccess() access: Access, @Param('documentId', IdParam) id: string): Promise<void> {
      return this.content.delete(access, kind, id);
    }

    @ApiOperation({ operationId: `list${name}Versions`, summary: `List the versions of a ${noun}, newest first.` })
    @Get(':documentId/versions')
    @Requires('operator', 'operator-content:read')
    @ApiErrors('content.not_found')
    @ApiOkResponse({ type: ContentVersionPage })
    listVersions(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
      @Query() query: PageQuery,
    ): Promise<Page<ContentVersionItemView>> {
      return this.content.versions(access, kind, id, query);
    }

    @ApiOperation({
      operationId: `create${name}Version`,
      summary: `Create the next version of a ${noun} as a draft. What is left out is taken from the newest version.`,
    })
    @Post(':documentId/versions')
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.not_found', 'content.draft_exists', 'content.too_many_versions', ...TEXT)
    @ApiCreatedResponse({ type: ContentVersionView })
    createVersion(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
      @Body() input: CreateContentVersion,
    ): Promise<ContentVersionView> {
      return this.content.addVersion(access, kind, id, input);
    }

    @ApiOperation({ operationId: `get${name}Version`, summary: `Read a version of a ${noun}.` })
    @Get(':documentId/versions/:version')
    @Requires('operator', 'operator-content:read')
    @ApiErrors('content.not_found', 'content.version_not_found')
    @ApiOkResponse({ type: ContentVersionView })
    getVersion(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
      @Param('version', VersionParam) version: number,
    ): Promise<ContentVersionView> {
      return this.content.version(access, kind, id, version);
    }

    @ApiOperation({
      operationId: `publish${name}`,
      summary: `Publish a version of a ${noun}, now or later. Organizations can use it at once.`,
      description:
        'A job writes an event for each organization; `GET …/publication` shows its progress. Publishing the version that is published, or is being published, changes nothing. A publication that is scheduled is replaced.',
    })
    @Post(':documentId/publish')
    @HttpCode(202)
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.not_found', 'content.unknown_version', 'content.publishing')
    @ApiAcceptedResponse({ type: PublicationView })
    async publish(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
      @Body() input: PublishContent,
    ): Promise<PublicationView> {
      const view = await this.publications.publish(access, kind, id, input);
      void this.job.tick();
      return view;
    }

    @ApiOperation({
      operationId: `withdraw${name}`,
      summary: `Withdraw a ${noun} from all organizations at once, and cancel its scheduled publication.`,
    })
    @Post(':documentId/withdraw')
    @HttpCode(200)
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.not_found', 'content.not_published')
    @ApiOkResponse({ type: ContentDocumentView })
    async withdraw(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
    ): Promise<ContentDocumentView> {
      await this.publications.withdraw(access, kind, id);
      return this.content.view(access, kind, id);
    }

    @ApiOperation({
      operationId: `get${name}Publication`,
      summary: `Read the progress of the publication of a ${noun} that runs or waits, or else of the last one.`,
    })
    @Get(':documentId/publication')
    @Requires('operator', 'operator-content:read')
    @ApiErrors('content.not_found', 'content.publication_not_found')
    @ApiOkResponse({ type: PublicationView })
    getPublication(
      @CurrentAccess() access: Access,
      @Param('documentId', IdParam) id: string,
    ): Promise<PublicationView> {
      return this.publications.view(access, kind, id);
    }

    @ApiOperation({
      operationId: `cancel${name}Publication`,
      summary: `Cancel the scheduled publication of a ${noun}.`,
    })
    @Delete(':documentId/publication')
    @HttpCode(204)
    @Requires('operator', 'operator-content:edit')
    @ApiErrors('content.not_found', 'content.publication_not_found', 'content.publication_started')
    @ApiNoContentResponse()
    cancelPublication(@CurrentAccess() access: Access, @Param('documentId', IdParam) id: string): Promise<void> {
      return this.publications.cancel(access, kind, id);
    }
  }
  return ContentController;
}

export const OperatorTemplateController = contentController('template');
export const OperatorContentController = contentController('content');
