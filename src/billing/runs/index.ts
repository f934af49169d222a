export { RunModule } from './run.module.js';
export { Runs } from './run.service.js';
