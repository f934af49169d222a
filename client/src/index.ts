export * from './generated/api/index.js';
export { client } from './generated/api/client.gen.js';
export { createClient } from './generated/api/client/index.js';
