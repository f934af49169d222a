export { AdmissionModule } from './admission.module.js';
export { AdmissionService, type Vouched } from './admission.service.js';
