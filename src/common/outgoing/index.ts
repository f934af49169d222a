export * from './outgoing.js';
export * from './outgoing.module.js';
