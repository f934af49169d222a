export { ANCHOR_MESSAGE, EventAnchorJob } from './event-anchor.job.js';
export { EventChainStartService } from './event-chain-start.service.js';
export { EventVerificationService } from './event-verification.service.js';
export { EventModule } from './event.module.js';
export { EVENT_DESCRIPTIONS } from './event-descriptions.js';
export { EVENT_TYPES, type EventType } from './event-types.js';
export { EventService, type NewEvent } from './event.service.js';
export { type EventReader, userNameFor } from './event-reader.js';
export type { Stream } from './event-chain.js';
