export * from './columns.js';
export * from './database.js';
export { Reader, Tx, Writer } from './reader.js';
export * from './naming.js';
export * from './entity-columns.js';
export * from './database.module.js';
export * from './changes.js';
export * from './job-delay.js';
export { lostStatement } from './prepared-statements.js';
