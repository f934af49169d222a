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
    description: '`ok`, or what is missing.',
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
    summary: 'Is the process alive',
    description: 'Asks nothing else, so that a database that is away restarts no server.',
  })
  @ApiOkResponse({ type: Liveness })
  getLiveness(): Liveness {
    return { status: 'alive' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'May this server be given requests' })
  @ApiOkResponse({ type: ReadinessAnswer })
  @ApiServiceUnavailableResponse({ type: ReadinessAnswer, description: 'Names what is not ready.' })
  async getReadiness(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessAnswer> {
    const report = await this.readiness.report();
    if (report.status !== 'ready') reply.code(503);
    return report;
  }
}
