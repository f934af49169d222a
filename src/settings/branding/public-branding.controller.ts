import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../common/access/index.js';
import { PublicBrandingQuery, PublicBrandingView } from './branding.dto.js';
import { BrandingService } from './branding.service.js';

/** An SVG opened by itself is a page of this origin: it may run nothing, load nothing and reach nothing. */
const LOGO_HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  // Logos stand on pages of other origins and in mail.
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

@ApiTags('Branding')
@Controller('t/:operator/api/v1/branding')
export class PublicBrandingController {
  constructor(private readonly branding: BrandingService) {}

  @ApiOperation({ summary: 'Read how sign-in pages of an operator, an organization or a unit look.' })
  @Get()
  @Public()
  @ApiOkResponse({ type: PublicBrandingView })
  async getPublicBranding(
    @Param('operator') operator: string,
    @Query() query: PublicBrandingQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicBrandingView> {
    const view = await this.branding.readPublic({ operator, organization: query.organization, unit: query.unit });
    // Set after the look-up, as on the logo: an error must not be kept.
    reply.header('cache-control', 'public, max-age=60');
    return view;
  }

  @ApiOperation({ summary: 'Read an uploaded logo.' })
  @Get('logos/:logoId')
  @Public()
  @ApiParam({
    name: 'logoId',
    schema: { type: 'string' },
    description: 'As it stands in `logoUrl`, `iconUrl` or `dark.logoUrl`.',
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
