import { Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Access,
  CurrentAccess,
  type OrganizationAccess,
  type PersonAccess,
  Requires,
  RequiresAccount,
} from '../../common/access/index.js';
import { IdParam, ApiErrors } from '../../http/index.js';
import { type Page, PageOf, PageQuery } from '../../common/pagination/index.js';
import { UsableClusterView } from '../cluster.dto.js';
import { AccountClusterView, ClusterOrganizationView, UsableClusterQuery } from './cluster-access.dto.js';
import { ClusterAccessService } from './cluster-access.service.js';

class ClusterOrganizationPage extends PageOf(ClusterOrganizationView) {}
class UsableClusterPage extends PageOf(UsableClusterView) {}
class AccountClusterPage extends PageOf(AccountClusterView) {}

@ApiTags('Clusters')
@Controller('t/:operator/api/v1/admin/clusters/:clusterId/organizations')
export class ClusterAccessController {
  constructor(private readonly access: ClusterAccessService) {}

  @ApiOperation({ summary: 'List the organizations that can use a cluster.' })
  @Get()
  @Requires('operator', 'clusters:read')
  @ApiErrors('clusters.not_found')
  @ApiOkResponse({ type: ClusterOrganizationPage })
  listClusterOrganizations(
    @CurrentAccess() access: Access,
    @Param('clusterId', IdParam) clusterId: string,
    @Query() query: PageQuery,
  ): Promise<Page<ClusterOrganizationView>> {
    return this.access.organizationsOf(access, clusterId, query);
  }

  @ApiOperation({ summary: 'Give an organization access to a cluster. All members can use it at once.' })
  @Put(':orgId')
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found', 'clusters.archived')
  @ApiOkResponse({ type: ClusterOrganizationView })
  addClusterOrganization(
    @CurrentAccess() access: OrganizationAccess,
    @Param('clusterId', IdParam) clusterId: string,
  ): Promise<ClusterOrganizationView> {
    return this.access.add(access, clusterId);
  }

  @ApiOperation({ summary: 'Revoke the access of an organization to a cluster. Its runs there are stopped.' })
  @Delete(':orgId')
  @HttpCode(204)
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found')
  @ApiNoContentResponse()
  removeClusterOrganization(
    @CurrentAccess() access: OrganizationAccess,
    @Param('clusterId', IdParam) clusterId: string,
  ): Promise<void> {
    return this.access.remove(access, clusterId);
  }
}

@ApiTags('Clusters')
@Controller('t/:operator/api/v1/organizations/:orgId/clusters')
export class OrganizationClusterController {
  constructor(private readonly access: ClusterAccessService) {}

  @ApiOperation({ summary: 'List the clusters that the organization can use, with their presets.' })
  @Get()
  @Requires('organization', 'clusters:list')
  @ApiOkResponse({ type: UsableClusterPage })
  listOrganizationClusters(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: UsableClusterQuery,
  ): Promise<Page<UsableClusterView>> {
    return this.access.ofOrganization(access, query);
  }
}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/clusters')
export class AccountClusterController {
  constructor(private readonly access: ClusterAccessService) {}

  @ApiOperation({ summary: 'List the clusters that your organizations can use.' })
  @Get()
  @RequiresAccount()
  @ApiOkResponse({ type: AccountClusterPage })
  listAccountClusters(
    @CurrentAccess() access: PersonAccess,
    @Query() query: UsableClusterQuery,
  ): Promise<Page<AccountClusterView>> {
    return this.access.ofUser(access, query);
  }
}
