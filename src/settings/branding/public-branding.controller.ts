import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../common/access/index.js';
import { PublicBrandingQuery, PublicBrandingView } from './branding.dto.js';
import { BrandingService } from './branding.service.js';

/** An SVG that is opened directly is a page of this origin, so it must not run, load or contact anything. */
const LOGO_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  // Pages of other origins and mails show logos.
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

@ApiTags('Branding')
@Controller('t/:operator/api/v1/branding')
export class PublicBrandingController {
  constructor(private readonly branding: BrandingService) {}

  @ApiOperation({ summary: 'Read the public branding of an operator, an organization or a unit, for sign-in pages.' })
  @Get()
  @Public()
  @ApiOkResponse({ type: PublicBrandingView })
  async getPublicBranding(
    @Param('operator') operator: string,
    @Query() query: PublicBrandingQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicBrandingView> {
    const view = await this.branding.readPublic({ operator, organization: query.organization, unit: query.unit });
    // Set after the lookup, also for the logo, because errors must not be cached.
    reply.header('cache-control', 'public, max-age=60');
    return view;
  }

  @ApiOperation({ summary: 'Read an uploaded logo.' })
  @Get('logos/:logoId')
  @Public()
  @ApiParam({
    name: 'logoId',
    schema: { type: 'string' },
    description: 'The last part of `logoUrl`, `iconUrl` or `dark.logoUrl`.',
  })
  @ApiProduces('image/png', 'image/jpeg', 'image/webp', 'image/svg+xml')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async getLogo(
    @Param('operator') operator: string,
    @Param('logoId') logoId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { contentType, bytes } = await this.branding.logo(operator, logoId);
    reply.headers(LOGO_HEADERS);
    return new StreamableFile(bytes, { type: contentType, length: bytes.length });
  }
}
