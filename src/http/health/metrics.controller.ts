import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../../common/access/index.js';
import { Config } from '../../common/config/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { AnyRequest } from '../requests/strict-request.guard.js';
import { ApiErrors } from '../problems/api-errors.decorator.js';
import { httpErrors } from '../problems/http.errors.js';
import { Unlimited } from '../requests/request-limiter.js';
import { Metrics } from '../../common/metrics/index.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

@ApiTags('Health')
@Public()
@Unlimited()
@AnyRequest()
@Controller()
export class MetricsController {
  constructor(
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {}

  @Get('metrics')
  @ApiOperation({
    summary: 'Read metrics for Prometheus.',
    description:
      'Requires METRICS_TOKEN as the bearer token. If none is configured, only the port METRICS_PORT of the same machine serves metrics.',
  })
  @ApiErrors('not_found', 'auth.unauthenticated')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async getMetrics(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    this.assertMayRead(request);
    reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }

  /** Hides the route from callers without the token. */
  private assertMayRead(request: FastifyRequest): void {
    const { metricsToken } = this.config;
    if (metricsToken === undefined) throw commonErrors.not_found();
    const given = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), digest(metricsToken))) throw httpErrors.unauthenticated();
  }
}
