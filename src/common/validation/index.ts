export * from './fields.js';
export * from './instant.js';
export * from './text.js';
