export { Bootstrap, type FirstSignIn, WrongSecretKeyError } from './bootstrap.service.js';
export { ProvisioningModule } from './provisioning.module.js';
export { OperatorCreation } from './operator-creation.service.js';
