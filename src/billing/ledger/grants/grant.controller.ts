import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdempotencyKey } from '../idempotency-key.js';
import { MovesCredits } from '../moves-credits.js';
import { replyWith } from '../reply.js';
import { GrantInput, GrantView } from './grant.dto.js';
import { GrantService } from './grant.service.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credits')
export class GrantController {
  constructor(private readonly grants: GrantService) {}

  @ApiOperation({ summary: 'Grant credits as a new lot.' })
  @Post('grants')
  @Requires('operator', 'credits:grant')
  @MovesCredits('billing.balance_too_large')
  @ApiCreatedResponse({ type: GrantView })
  async grantCredits(
    @CurrentAccess() access: OrganizationAccess,
    @IdempotencyKey() key: string,
    @Body() input: GrantInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return replyWith(reply, await this.grants.grant(access, key, input));
  }
}
