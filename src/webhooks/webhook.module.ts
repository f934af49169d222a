import { Module } from '@nestjs/common';
import { OutgoingModule } from '../common/outgoing/index.js';
import { EventModule } from '../events/index.js';
import { MailModule } from '../mail/index.js';
import { OperatorModule } from '../operators/index.js';
import { OrganizationModule } from '../organizations/index.js';
import { VariableModule } from '../variables/index.js';
import { EventTypeController } from './catalogue/event-type.controller.js';
import { DeliveryPayloadService } from './deliveries/delivery-payload.service.js';
import { DeliveryRetentionJob } from './deliveries/delivery-retention.job.js';
import { DeliveryService } from './deliveries/delivery.service.js';
import { DeliveryStore } from './deliveries/delivery.store.js';
import { DispatchStore } from './dispatch/dispatch.store.js';
import { WebhookFanOutJob } from './dispatch/fan-out.job.js';
import { FanOutStore } from './dispatch/fan-out.store.js';
import { WebhookDeliveryJob } from './dispatch/webhook-delivery.job.js';
import { WebhookTurnService } from './dispatch/webhook-turn.service.js';
import { WebhookMetrics } from './dispatch/webhook.metrics.js';
import { WebhookSender } from './dispatch/webhook.sender.js';
import { WebhookService } from './endpoints/webhook.service.js';
import { WebhookStore } from './endpoints/webhook.store.js';
import { WebhookSecrets } from './model/webhook.secrets.js';
import { OperatorWebhookController, OrganizationWebhookController } from './webhook.controller.js';

/** Sends events to addresses of organizations and operators. */
@Module({
  imports: [EventModule, MailModule, OperatorModule, OrganizationModule, OutgoingModule, VariableModule],
  controllers: [OrganizationWebhookController, OperatorWebhookController, EventTypeController],
  providers: [
    WebhookStore,
    WebhookService,
    WebhookSecrets,
    DeliveryStore,
    DeliveryService,
    DeliveryPayloadService,
    DeliveryRetentionJob,
    FanOutStore,
    WebhookFanOutJob,
    DispatchStore,
    WebhookDeliveryJob,
    WebhookTurnService,
    WebhookSender,
    WebhookMetrics,
  ],
})
export class WebhookModule {}
