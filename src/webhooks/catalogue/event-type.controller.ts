import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../common/access/index.js';
import { EVENT_CATALOGUE } from './event-catalogue.js';
import { EventTypesView } from './event-type.dto.js';

@ApiTags('Webhooks')
@Controller('t/:operator/api/v1/webhook-event-types')
export class EventTypeController {
  @ApiOperation({
    operationId: 'listWebhookEventTypes',
    summary: 'List the types of events that webhooks get, with the JSON schema of each.',
  })
  @Get()
  @Public()
  @ApiOkResponse({ type: EventTypesView })
  list(): EventTypesView {
    return { items: [...EVENT_CATALOGUE] };
  }
}
