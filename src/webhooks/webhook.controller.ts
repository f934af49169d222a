import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../common/access/index.js';
import { ApiErrors, IdParam, IfMatch, ShowsSecret } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import {
  DeliveryDetailView,
  DeliveryQuery,
  DeliveryView,
  ReplayedView,
  ReplaySince,
} from './deliveries/delivery.dto.js';
import { DeliveryService } from './deliveries/delivery.service.js';
import {
  CreatedWebhookView,
  CreateWebhook,
  PatchWebhook,
  RotatedSecretView,
  WebhookQuery,
  WebhookView,
} from './endpoints/webhook.dto.js';
import { WebhookService } from './endpoints/webhook.service.js';

class WebhookPage extends PageOf(WebhookView, 'Webhook') {}
class DeliveryPage extends PageOf(DeliveryView, 'WebhookDelivery') {}

const FRESH = { freshProof: true, personOnly: true } as const;
const PERSON = { personOnly: true } as const;

/** What differs between the webhooks of an organization and those of an operator. */
const LEVELS = {
  organization: {
    path: 't/:operator/api/v1/admin/organizations/:orgId/webhooks',
    name: '',
    of: 'an organization',
    reads: () => Requires('organization', 'webhooks:read', PERSON),
    edits: () => Requires('organization', 'webhooks:edit', FRESH),
    sends: () => Requires('organization', 'webhooks:edit', PERSON),
  },
  operator: {
    path: 't/:operator/api/v1/admin/operator/webhooks',
    name: 'Operator',
    of: 'the operator, which get the events of all its organizations',
    reads: () => Requires('operator', 'operator-webhooks:read', PERSON),
    edits: () => Requires('operator', 'operator-webhooks:edit', FRESH),
    sends: () => Requires('operator', 'operator-webhooks:edit', PERSON),
  },
} as const;

const CONTENT = ['webhooks.url_not_allowed', 'webhooks.unknown_event_type', 'webhooks.header_not_allowed'];

/** Builds the routes of one level. */
function webhookController(level: keyof typeof LEVELS) {
  const { path, name, of, reads, edits, sends } = LEVELS[level];

  @ApiTags('Webhooks')
  @Controller(path)
  class WebhookController {
    constructor(
      private readonly webhooks: WebhookService,
      private readonly deliveries: DeliveryService,
    ) {}

    @ApiOperation({ operationId: `list${name}Webhooks`, summary: `List the webhooks of ${of}.` })
    @Get()
    @reads()
    @ApiOkResponse({ type: WebhookPage })
    list(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Query() query: WebhookQuery,
    ): Promise<Page<WebhookView>> {
      return this.webhooks.list(access, query);
    }

    @ApiOperation({
      operationId: `create${name}Webhook`,
      summary: 'Create a webhook. It gets the events that happen from then on.',
      description: 'Deliveries are signed as Standard Webhooks describes (https://www.standardwebhooks.com).',
    })
    @Post()
    @edits()
    @ShowsSecret()
    @ApiErrors('webhooks.limit_reached', ...CONTENT)
    @ApiCreatedResponse({ type: CreatedWebhookView })
    create(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Body() input: CreateWebhook,
    ): Promise<CreatedWebhookView> {
      return this.webhooks.create(access, input);
    }

    @ApiOperation({ operationId: `get${name}Webhook`, summary: 'Read a webhook.' })
    @Get(':webhookId')
    @reads()
    @ApiErrors('webhooks.not_found')
    @ApiOkResponse({ type: WebhookView })
    get(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
    ): Promise<WebhookView> {
      return this.webhooks.view(access, id);
    }

    @ApiOperation({ operationId: `update${name}Webhook`, summary: 'Change a webhook, or switch it on or off.' })
    @Patch(':webhookId')
    @edits()
    @ApiErrors('webhooks.not_found', ...CONTENT)
    @ApiOkResponse({ type: WebhookView })
    update(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
      @Body() input: PatchWebhook,
      @IfMatch() ifMatch: string | undefined,
    ): Promise<WebhookView> {
      return this.webhooks.patch(access, id, input, ifMatch);
    }

    @ApiOperation({ operationId: `delete${name}Webhook`, summary: 'Delete a webhook with its deliveries.' })
    @Delete(':webhookId')
    @HttpCode(204)
    @edits()
    @ApiErrors('webhooks.not_found')
    @ApiNoContentResponse()
    delete(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
    ): Promise<void> {
      return this.webhooks.delete(access, id);
    }

    @ApiOperation({
      operationId: `rotate${name}WebhookSecret`,
      summary: 'Make a new secret. For 24 hours, deliveries are signed with the one before, too.',
    })
    @Post(':webhookId/rotate-secret')
    @HttpCode(200)
    @edits()
    @ShowsSecret()
    @ApiErrors('webhooks.not_found')
    @ApiOkResponse({ type: RotatedSecretView })
    rotateSecret(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
    ): Promise<RotatedSecretView> {
      return this.webhooks.rotateSecret(access, id);
    }

    @ApiOperation({
      operationId: `test${name}Webhook`,
      summary: 'Send a test. It is delivered like an event, with the type `webhook.test`.',
    })
    @Post(':webhookId/test')
    @HttpCode(202)
    @sends()
    @ApiErrors('webhooks.not_found', 'webhooks.inactive', 'auth.too_many_attempts')
    @ApiAcceptedResponse({ type: DeliveryView })
    test(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
    ): Promise<DeliveryView> {
      return this.deliveries.test(access, id);
    }

    @ApiOperation({
      operationId: `list${name}WebhookDeliveries`,
      summary: 'List the deliveries of a webhook, newest first. They are kept for 30 days.',
    })
    @Get(':webhookId/deliveries')
    @reads()
    @ApiErrors('webhooks.not_found')
    @ApiOkResponse({ type: DeliveryPage })
    listDeliveries(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
      @Query() query: DeliveryQuery,
    ): Promise<Page<DeliveryView>> {
      return this.deliveries.list(access, id, query);
    }

    @ApiOperation({
      operationId: `get${name}WebhookDelivery`,
      summary: 'Read a delivery with what was sent and what the receiver answered.',
    })
    @Get(':webhookId/deliveries/:deliveryId')
    @reads()
    @ApiErrors('webhooks.delivery_not_found')
    @ApiOkResponse({ type: DeliveryDetailView })
    getDelivery(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
      @Param('deliveryId', IdParam) deliveryId: string,
    ): Promise<DeliveryDetailView> {
      return this.deliveries.view(access, id, deliveryId);
    }

    @ApiOperation({
      operationId: `replay${name}WebhookDelivery`,
      summary: 'Send a delivery again, whatever became of it.',
    })
    @Post(':webhookId/deliveries/:deliveryId/replay')
    @HttpCode(202)
    @sends()
    @ApiErrors('webhooks.not_found', 'webhooks.delivery_not_found', 'webhooks.inactive', 'auth.too_many_attempts')
    @ApiAcceptedResponse({ type: DeliveryView })
    replayDelivery(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
      @Param('deliveryId', IdParam) deliveryId: string,
    ): Promise<DeliveryView> {
      return this.deliveries.replay(access, id, deliveryId);
    }

    @ApiOperation({
      operationId: `replay${name}Webhook`,
      summary: 'Send all deliveries since a time again, for a receiver that lost them.',
    })
    @Post(':webhookId/replay')
    @HttpCode(202)
    @sends()
    @ApiErrors('webhooks.not_found', 'webhooks.inactive', 'auth.too_many_attempts')
    @ApiAcceptedResponse({ type: ReplayedView })
    async replay(
      @CurrentAccess() access: Access | OrganizationAccess,
      @Param('webhookId', IdParam) id: string,
      @Body() { since }: ReplaySince,
    ): Promise<ReplayedView> {
      return { replayed: await this.deliveries.replaySince(access, id, since) };
    }
  }
  return WebhookController;
}

export const OrganizationWebhookController = webhookController('organization');
export const OperatorWebhookController = webhookController('operator');
