export * from './owner-queue.js';
export * from './turns.js';
export { WorkerPool } from './worker-pool.js';
