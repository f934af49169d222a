import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { withInstants } from '../common/validation/index.js';
import { ChainView, EventExportQuery, EventPage, EventQuery } from './event.dto.js';
import { exportFile } from './event-export.js';
import { EventService } from './event.service.js';
import { EventVerificationService } from './event-verification.service.js';
import type { Stream } from './event-chain.js';

const ofOrganization = (access: OrganizationAccess): Stream => ({ kind: 'organization', id: access.organizationId });
const ofOperator = (access: Access): Stream => ({ kind: 'operator', id: access.operator.id });

@ApiTags('Audit')
@Controller('t/:operator/api/v1/admin/organizations/:orgId/events')
export class OrganizationEventController {
  constructor(
    private readonly events: EventService,
    private readonly verification: EventVerificationService,
  ) {}

  @ApiOperation({ summary: 'List the changes in an organization, newest first.' })
  @Get()
  @Requires('organization', 'events:read', { whileDeleted: true })
  @ApiOkResponse({ type: EventPage })
  listOrganizationEvents(@CurrentAccess() access: OrganizationAccess, @Query() query: EventQuery): Promise<EventPage> {
    return this.events.list(ofOrganization(access), withInstants(query, access.operator.timeZone), access);
  }

  @ApiOperation({ summary: 'Download the changes in an organization, oldest first.' })
  @Get('export')
  @Requires('organization', 'events:read', { whileDeleted: true })
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  exportOrganizationEvents(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: EventExportQuery,
  ): StreamableFile {
    const events = this.events.export(ofOrganization(access), withInstants(query, access.operator.timeZone));
    return exportFile(events, query.format ?? 'ndjson', access.organizationId);
  }

  @ApiOperation({ summary: 'Verify that no event of an organization was changed, inserted or removed.' })
  @Get('verify')
  @Requires('organization', 'events:read', { whileDeleted: true })
  @ApiOkResponse({ type: ChainView })
  verifyOrganizationEvents(@CurrentAccess() access: OrganizationAccess): Promise<ChainView> {
    return this.verification.verify(ofOrganization(access));
  }
}

@ApiTags('Audit')
@Controller('t/:operator/api/v1/admin/operator/events')
export class OperatorEventController {
  constructor(
    private readonly events: EventService,
    private readonly verification: EventVerificationService,
  ) {}

  @ApiOperation({ summary: 'List the changes of the operator itself, newest first.' })
  @Get()
  @Requires('operator', 'operator-events:read')
  @ApiOkResponse({ type: EventPage })
  listOperatorEvents(@CurrentAccess() access: Access, @Query() query: EventQuery): Promise<EventPage> {
    return this.events.list(ofOperator(access), withInstants(query, access.operator.timeZone), access);
  }

  @ApiOperation({ summary: 'Download the changes of the operator itself, oldest first.' })
  @Get('export')
  @Requires('operator', 'operator-events:read')
  @ApiProduces('text/csv', 'application/x-ndjson')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  exportOperatorEvents(@CurrentAccess() access: Access, @Query() query: EventExportQuery): StreamableFile {
    const events = this.events.export(ofOperator(access), withInstants(query, access.operator.timeZone));
    return exportFile(events, query.format ?? 'ndjson', access.operator.id);
  }

  @ApiOperation({ summary: 'Verify that no event of the operator was changed, inserted or removed.' })
  @Get('verify')
  @Requires('operator', 'operator-events:read')
  @ApiOkResponse({ type: ChainView })
  verifyOperatorEvents(@CurrentAccess() access: Access): Promise<ChainView> {
    return this.verification.verify(ofOperator(access));
  }
}
