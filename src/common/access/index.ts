export * from './access.js';
export * from './grants.js';
export * from './member.errors.js';
export * from './permission-descriptions.js';
export * from './permissions.js';
export * from './requires.decorator.js';
export * from './roles.js';
