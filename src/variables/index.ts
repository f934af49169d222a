export { substitute } from './substitute.js';
export { isReservedKey, KEY_SOURCE } from './variable.key.js';
export { VariableModule } from './variable.module.js';
export { VariableService } from './variable.service.js';
