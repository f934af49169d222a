export { RunModule } from './run.module.js';
export { RunService } from './run.service.js';
