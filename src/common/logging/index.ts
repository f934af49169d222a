export * from './access-log.js';
export * from './log.js';
export * from './logging.module.js';
export * from './nest-log.js';
