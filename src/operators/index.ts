export { CreateOperator, DELETION_GRACE_DAYS, OperatorView, toOperatorView } from './operator.dto.js';
export type { Operator } from './operator.entity.js';
export { operatorErrors } from './operator.errors.js';
export { OperatorModule } from './operator.module.js';
export { Operators } from './operator.service.js';
