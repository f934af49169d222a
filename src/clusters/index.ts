export { ClusterAccessService } from './access/cluster-access.service.js';
export { clusterErrors } from './cluster.errors.js';
export { ClusterModule } from './cluster.module.js';
