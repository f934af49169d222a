export { Bootstrap, type FirstSignIn, WrongSecretKeyError } from './bootstrap.service.js';
export { LifecycleModule } from './lifecycle.module.js';
export { OperatorCreation } from './operator-creation.service.js';
