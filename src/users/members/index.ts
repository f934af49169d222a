export * from './member.dto.js';
export * from './member.service.js';
export * from './member.store.js';
