export { ConsoleModule } from './console.module.js';
export { ConsoleService } from './console.service.js';
