import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type Access, Requires } from '../common/access/index.js';
import { OperatorOverviewView } from './operator-overview.dto.js';
import { OperatorOverviewService } from './operator-overview.service.js';

@ApiTags('Operators')
@Controller('t/:operator/api/v1/admin/operator/overview')
export class OperatorOverviewController {
  constructor(private readonly overview: OperatorOverviewService) {}

  @ApiOperation({ summary: 'Sum up the operator: organizations by status, first steps and recent activity.' })
  @Get()
  @Requires('operator', 'operator:read')
  @ApiOkResponse({ type: OperatorOverviewView })
  getOperatorOverview(@CurrentAccess() access: Access): Promise<OperatorOverviewView> {
    return this.overview.of(access);
  }
}
