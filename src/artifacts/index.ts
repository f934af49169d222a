export { ArtifactModule } from './artifact.module.js';
export { ArtifactService } from './artifact.service.js';
