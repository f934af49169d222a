import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../common/access/index.js';
import { AnyRequest } from '../requests/strict-request.guard.js';
import { Unlimited } from '../requests/request-limiter.js';
import { Readiness } from './readiness.js';

class Liveness {
  @ApiProperty({ enum: ['alive'] })
  status: 'alive';
}

class ReadinessAnswer {
  @ApiProperty({ enum: ['ready', 'not_ready'] })
  status: 'ready' | 'not_ready';

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { database: 'ok', migrations: 'ok', shutdown: 'ok' },
    description: '`ok`, or the reason why the check fails.',
  })
  checks: Record<string, string>;
}

@ApiTags('Health')
@Public()
@Unlimited()
@AnyRequest()
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('healthz')
  @ApiOperation({
    summary: 'Check whether the process is alive.',
    description: 'Checks nothing else, so that an unavailable database does not restart servers.',
  })
  @ApiOkResponse({ type: Liveness })
  getLiveness(): Liveness {
    return { status: 'alive' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Check whether this server can take requests.' })
  @ApiOkResponse({ type: ReadinessAnswer })
  @ApiServiceUnavailableResponse({ type: ReadinessAnswer, description: 'Lists the checks that fail.' })
  async getReadiness(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const report = await this.readiness.report();
    if (report.status !== 'ready') reply.code(503);
    return report;
  }
}
