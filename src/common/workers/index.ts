export { WorkerPool } from './worker-pool.js';
export * from './turns.js';
