export { BootstrapService, type FirstSignIn, WrongSecretKeyError } from './bootstrap.service.js';
export { ProvisioningModule } from './provisioning.module.js';
export { OperatorCreationService } from './operator-creation.service.js';
