export { substitute } from './substitute.js';
export { VariableModule } from './variable.module.js';
export { Variables } from './variable.service.js';
