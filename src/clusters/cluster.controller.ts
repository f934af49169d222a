import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import {
  ClusterQuery,
  ClusterView,
  CreateCluster,
  PatchCluster,
  PatchPreset,
  PresetInput,
  PresetsView,
  PresetView,
} from './cluster.dto.js';
import { ClusterService } from './cluster.service.js';

class ClusterPage extends PageOf(ClusterView) {}

@ApiTags('Clusters')
@Controller('t/:operator/api/v1/admin/clusters')
export class ClusterController {
  constructor(private readonly clusters: ClusterService) {}

  @ApiOperation({ summary: 'List the clusters of the operator.' })
  @Get()
  @Requires('operator', 'clusters:read')
  @ApiOkResponse({ type: ClusterPage })
  listClusters(@CurrentAccess() access: Access, @Query() query: ClusterQuery): Promise<Page<ClusterView>> {
    return this.clusters.list(access, query);
  }

  @ApiOperation({ summary: 'Register a cluster.' })
  @Post()
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.slug_taken')
  @ApiCreatedResponse({ type: ClusterView })
  createCluster(@CurrentAccess() access: Access, @Body() input: CreateCluster): Promise<ClusterView> {
    return this.clusters.create(access, input);
  }

  @ApiOperation({ summary: 'Read a cluster.' })
  @Get(':clusterId')
  @Requires('operator', 'clusters:read')
  @ApiErrors('clusters.not_found')
  @ApiOkResponse({ type: ClusterView })
  getCluster(@CurrentAccess() access: Access, @Param('clusterId', IdParam) id: string): Promise<ClusterView> {
    return this.clusters.view(access, id);
  }

  @ApiOperation({ summary: 'Change a cluster. Current runs keep the price they started with.' })
  @Patch(':clusterId')
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found', 'clusters.archived', 'clusters.slug_taken')
  @ApiOkResponse({ type: ClusterView })
  updateCluster(
    @CurrentAccess() access: Access,
    @Param('clusterId', IdParam) id: string,
    @Body() input: PatchCluster,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<ClusterView> {
    return this.clusters.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Archive a cluster. No new runs can start, and current runs are stopped.' })
  @Delete(':clusterId')
  @HttpCode(204)
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found')
  @ApiNoContentResponse()
  archiveCluster(@CurrentAccess() access: Access, @Param('clusterId', IdParam) id: string): Promise<void> {
    return this.clusters.archive(access, id);
  }

  @ApiOperation({ summary: 'List the presets of a cluster.' })
  @Get(':clusterId/presets')
  @Requires('operator', 'clusters:read')
  @ApiErrors('clusters.not_found')
  @ApiOkResponse({ type: PresetsView })
  async listPresets(@CurrentAccess() access: Access, @Param('clusterId', IdParam) id: string): Promise<PresetsView> {
    return { items: await this.clusters.presets(access, id) };
  }

  @ApiOperation({ summary: 'Add a preset to a cluster.' })
  @Post(':clusterId/presets')
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found', 'clusters.archived', 'clusters.preset_taken', 'clusters.too_many_presets')
  @ApiCreatedResponse({ type: PresetView })
  createPreset(
    @CurrentAccess() access: Access,
    @Param('clusterId', IdParam) id: string,
    @Body() input: PresetInput,
  ): Promise<PresetView> {
    return this.clusters.addPreset(access, id, input);
  }

  @ApiOperation({ summary: 'Change a preset. Current runs keep the price they started with.' })
  @Patch(':clusterId/presets/:presetKey')
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found', 'clusters.archived', 'clusters.preset_not_found')
  @ApiOkResponse({ type: PresetView })
  updatePreset(
    @CurrentAccess() access: Access,
    @Param('clusterId', IdParam) id: string,
    @Param('presetKey') key: string,
    @Body() input: PatchPreset,
  ): Promise<PresetView> {
    return this.clusters.patchPreset(access, id, key, input);
  }

  @ApiOperation({ summary: 'Remove a preset. No new runs can use it, and current runs continue.' })
  @Delete(':clusterId/presets/:presetKey')
  @HttpCode(204)
  @Requires('operator', 'clusters:edit')
  @ApiErrors('clusters.not_found', 'clusters.archived', 'clusters.preset_not_found')
  @ApiNoContentResponse()
  deletePreset(
    @CurrentAccess() access: Access,
    @Param('clusterId', IdParam) id: string,
    @Param('presetKey') key: string,
  ): Promise<void> {
    return this.clusters.removePreset(access, id, key);
  }
}
