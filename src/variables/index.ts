export { substitute } from './substitute.js';
export { VariableModule } from './variable.module.js';
export { VariableService } from './variable.service.js';
