import { Module } from '@nestjs/common';
import { EventModule } from '../events/index.js';
import { OrganizationModule } from '../organizations/index.js';
import {
  AccountClusterController,
  ClusterAccessController,
  OrganizationClusterController,
} from './access/cluster-access.controller.js';
import { ClusterAccessService } from './access/cluster-access.service.js';
import { ClusterAccessStore } from './access/cluster-access.store.js';
import { ClusterController } from './cluster.controller.js';
import { ClusterService } from './cluster.service.js';
import { ClusterStore } from './cluster.store.js';

@Module({
  imports: [EventModule, OrganizationModule],
  controllers: [ClusterController, ClusterAccessController, OrganizationClusterController, AccountClusterController],
  providers: [ClusterService, ClusterStore, ClusterAccessService, ClusterAccessStore],
  exports: [ClusterAccessService],
})
export class ClusterModule {}
