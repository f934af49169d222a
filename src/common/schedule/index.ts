export * from './job-failures.js';
export * from './non-overlapping-task.js';
export * from './scheduled-job.js';
