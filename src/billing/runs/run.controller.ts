import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../common/access/index.js';
import { IdParam, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { checkKey, isDryRun, MovesCredits, OptionalIdempotencyKey, replyWith, TakesDryRun } from '../ledger/index.js';
import { HeartbeatView, RunPreview, RunQuery, RunView, StartRun } from './run.dto.js';
import { RunService } from './run.service.js';

class RunPage extends PageOf(RunView) {}

@ApiTags('Runs')
@Controller('t/:operator/api/v1/organizations/:orgId/runs')
export class RunController {
  constructor(private readonly runs: RunService) {}

  @ApiOperation({ summary: 'List runs. Managers and API keys see all runs, users see their own.' })
  @Get()
  @Requires('organization', 'runs:read')
  @ApiOkResponse({ type: RunPage })
  listRuns(@CurrentAccess() access: OrganizationAccess, @Query() query: RunQuery): Promise<Page<RunView>> {
    return this.runs.list(access, query);
  }

  @ApiOperation({ summary: 'Start a run, which is charged by the second until it stops.' })
  @Post()
  @Requires('organization', 'runs:create')
  @MovesCredits(
    'billing.insufficient_credits',
    'billing.limit_exceeded',
    'billing.member_not_allowed',
    'billing.frozen',
    'clusters.not_found',
    'clusters.preset_not_found',
    'runs.quota_exceeded',
    'units.not_found',
    'units.suspended',
    'units.pending_deletion',
    'members.not_found',
  )
  @TakesDryRun(RunPreview)
  @ApiCreatedResponse({ type: RunView })
  async startRun(
    @CurrentAccess() access: OrganizationAccess,
    @OptionalIdempotencyKey() key: string | null,
    @Body() input: StartRun,
    @Query('dryRun') dryRun: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const preview = isDryRun(dryRun);
    return replyWith(reply, await this.runs.start(access, input, preview ? null : checkKey(key ?? undefined)));
  }

  @ApiOperation({ summary: 'Get a run.' })
  @Get(':runId')
  @Requires('organization', 'runs:read')
  @ApiErrors('runs.not_found')
  @ApiOkResponse({ type: RunView })
  getRun(@CurrentAccess() access: OrganizationAccess, @Param('runId', IdParam) runId: string): Promise<RunView> {
    return this.runs.view(access, runId);
  }

  @ApiOperation({
    summary: 'Report that the workload is alive, and learn whether it must stop.',
    description:
      'Also available in a suspended organization. The workload must also stop on 401, 403 and 404, because the run, the organization ' +
      'or the permission no longer exists.',
  })
  @Post(':runId/heartbeat')
  @HttpCode(200)
  @Requires('organization', 'runs:create', { whileSuspended: true })
  @ApiErrors('runs.not_found')
  @ApiOkResponse({ type: HeartbeatView })
  heartbeatRun(
    @CurrentAccess() access: OrganizationAccess,
    @Param('runId', IdParam) runId: string,
  ): Promise<HeartbeatView> {
    return this.runs.heartbeat(access, runId);
  }

  @ApiOperation({ summary: 'Stop a run and charge its remaining time.' })
  @Post(':runId/stop')
  @HttpCode(200)
  @Requires('organization', 'runs:create', { whileSuspended: true })
  @ApiErrors('runs.not_found')
  @ApiOkResponse({ type: RunView })
  stopRun(@CurrentAccess() access: OrganizationAccess, @Param('runId', IdParam) runId: string): Promise<RunView> {
    return this.runs.stop(access, runId);
  }
}
