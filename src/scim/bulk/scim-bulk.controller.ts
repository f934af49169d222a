import { Body, Controller, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentAccess, type OrganizationAccess } from '../../common/access/index.js';
import { SCIM_PATH, ScimBulk } from '../protocol/scim-routes.js';
import { MAX_BULK_OPERATIONS } from '../protocol/bulk-request.js';
import { type BulkResponse, ScimBulkService } from './scim-bulk.service.js';

@ApiTags('SCIM')
@Controller(`${SCIM_PATH}/Bulk`)
export class ScimBulkController {
  constructor(private readonly bulk: ScimBulkService) {}

  @ScimBulk({
    summary: `Carry out up to ${MAX_BULK_OPERATIONS} operations on users and groups.`,
    description:
      'Each operation has its own result and does not undo others. `failOnErrors` ends the request after that many errors; operations that set `active` to false are carried out nevertheless.',
  })
  executeScimBulk(
    @CurrentAccess() access: OrganizationAccess,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<BulkResponse> {
    return this.bulk.execute(access, body, request.limitedBy ?? '');
  }
}
