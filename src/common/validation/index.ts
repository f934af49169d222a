export * from './fields.js';
export * from './text.js';
