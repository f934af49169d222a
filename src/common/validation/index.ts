export * from './address.js';
export * from './currency-field.js';
export * from './fields.js';
export * from './instant.js';
export * from './json.js';
export * from './text.js';
export * from './truncate.js';
