export * from './generated/platform/index.js';
export { client as platformClient } from './generated/platform/client.gen.js';
