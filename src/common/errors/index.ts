export * from './app-error.js';
export * from './field-error.js';
