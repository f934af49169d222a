import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires, type UnitAccess } from '../common/access/index.js';
import { ApiErrors, IdParam } from '../http/index.js';
import { type Page, PageOf } from '../common/pagination/index.js';
import { ArtifactQuery, ArtifactView, RegisterArtifact, UnitArtifactQuery } from './artifact.dto.js';
import { ArtifactService } from './artifact.service.js';

class ArtifactPage extends PageOf(ArtifactView) {}

@ApiTags('Artifacts')
@Controller('t/:operator/api/v1/organizations/:orgId')
export class ArtifactController {
  constructor(private readonly artifacts: ArtifactService) {}

  @ApiOperation({
    summary: 'List the artifacts of an organization. Managers see all artifacts, users those of their units.',
  })
  @Get('artifacts')
  @Requires('organization', 'artifacts:list')
  @ApiOkResponse({ type: ArtifactPage })
  listArtifacts(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: ArtifactQuery,
  ): Promise<Page<ArtifactView>> {
    return this.artifacts.list(access, query);
  }

  @ApiOperation({ summary: 'List the artifacts of a unit.' })
  @Get('units/:unitId/artifacts')
  @Requires('unit', 'artifacts:read')
  @ApiOkResponse({ type: ArtifactPage })
  listUnitArtifacts(
    @CurrentAccess() access: UnitAccess,
    @Query() query: UnitArtifactQuery,
  ): Promise<Page<ArtifactView>> {
    return this.artifacts.listOfUnit(access, query);
  }

  @ApiOperation({
    summary: 'Register an artifact.',
    description: 'Trellis keeps the description. The file stays where it is, and Trellis never reads it.',
  })
  @Post('units/:unitId/artifacts')
  @Requires('unit', 'artifacts:write')
  @ApiErrors('artifacts.run_not_found', 'artifacts.limit_reached')
  @ApiCreatedResponse({ type: ArtifactView })
  registerArtifact(@CurrentAccess() access: UnitAccess, @Body() input: RegisterArtifact): Promise<ArtifactView> {
    return this.artifacts.register(access, input);
  }

  @ApiOperation({ summary: 'Read an artifact.' })
  @Get('units/:unitId/artifacts/:artifactId')
  @Requires('unit', 'artifacts:read')
  @ApiErrors('artifacts.not_found')
  @ApiOkResponse({ type: ArtifactView })
  getArtifact(@CurrentAccess() access: UnitAccess, @Param('artifactId', IdParam) id: string): Promise<ArtifactView> {
    return this.artifacts.view(access, id);
  }

  @ApiOperation({
    summary: 'Delete an artifact.',
    description:
      'Deletes the description and not the file. Users delete what they registered, and managers of the unit all artifacts.',
  })
  @Delete('units/:unitId/artifacts/:artifactId')
  @HttpCode(204)
  @Requires('unit', 'artifacts:write')
  @ApiErrors('artifacts.not_found', 'artifacts.not_own')
  @ApiNoContentResponse()
  deleteArtifact(@CurrentAccess() access: UnitAccess, @Param('artifactId', IdParam) id: string): Promise<void> {
    return this.artifacts.delete(access, id);
  }
}
