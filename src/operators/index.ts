export { CreateOperator, OperatorQuery, OperatorView, PutOperator, toOperatorView } from './operator.dto.js';
export { operatorErrors } from './operator.errors.js';
export { OperatorModule } from './operator.module.js';
export { OperatorService } from './operator.service.js';
