export { BootstrapService, type FirstSignIn } from './bootstrap.service.js';
export { ProvisioningModule } from './provisioning.module.js';
export { OperatorCreationService } from './operator-creation.service.js';
