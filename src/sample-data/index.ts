export { SampleDataModule } from './sample-data.module.js';
export { SampleDataService, type SampleSignIn } from './sample-data.service.js';
