import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../../http/index.js';
import { type Page, PageOf } from '../../../common/pagination/index.js';
import { CreatePackage, OperatorPackageQuery, PackageQuery, PackageView, PatchPackage } from './package.dto.js';
import { PackageService } from './package.service.js';

class PackagePage extends PageOf(PackageView, 'TopUpPackageView') {}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/admin/top-up-packages')
export class PackageController {
  constructor(private readonly packages: PackageService) {}

  @ApiOperation({ summary: 'List all credit packages, active or not.' })
  @Get()
  @Requires('operator', 'top-up-packages:read')
  @ApiOkResponse({ type: PackagePage })
  listTopUpPackages(@CurrentAccess() access: Access, @Query() query: OperatorPackageQuery): Promise<Page<PackageView>> {
    return this.packages.list(access, query);
  }

  @ApiOperation({ summary: 'Create a credit package that all organizations can buy.' })
  @Post()
  @Requires('operator', 'top-up-packages:edit')
  @ApiErrors('top_ups.package_limit_reached')
  @ApiCreatedResponse({ type: PackageView })
  createTopUpPackage(@CurrentAccess() access: Access, @Body() input: CreatePackage): Promise<PackageView> {
    return this.packages.create(access, input);
  }

  @ApiOperation({ summary: 'Get a credit package.' })
  @Get(':packageId')
  @Requires('operator', 'top-up-packages:read')
  @ApiErrors('top_ups.package_not_found')
  @ApiOkResponse({ type: PackageView })
  getTopUpPackage(@CurrentAccess() access: Access, @Param('packageId', IdParam) id: string): Promise<PackageView> {
    return this.packages.view(access, id);
  }

  @ApiOperation({ summary: 'Update a credit package. Existing top-ups keep their price.' })
  @Patch(':packageId')
  @Requires('operator', 'top-up-packages:edit')
  @ApiErrors('top_ups.package_not_found')
  @ApiOkResponse({ type: PackageView })
  updateTopUpPackage(
    @CurrentAccess() access: Access,
    @Param('packageId', IdParam) id: string,
    @Body() input: PatchPackage,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<PackageView> {
    return this.packages.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Delete a credit package. Existing top-ups keep their price.' })
  @Delete(':packageId')
  @HttpCode(204)
  @Requires('operator', 'top-up-packages:edit')
  @ApiErrors('top_ups.package_not_found')
  @ApiNoContentResponse()
  deleteTopUpPackage(@CurrentAccess() access: Access, @Param('packageId', IdParam) id: string): Promise<void> {
    return this.packages.delete(access, id);
  }
}

@ApiTags('Top-ups')
@Controller('t/:operator/api/v1/organizations/:orgId/top-up-packages')
export class OfferedPackageController {
  constructor(private readonly packages: PackageService) {}

  @ApiOperation({ summary: 'List the credit packages that an organization can buy.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: PackagePage })
  listOfferedPackages(
    @CurrentAccess() access: OrganizationAccess,
    @Query() query: PackageQuery,
  ): Promise<Page<PackageView>> {
    return this.packages.listActive(access, query);
  }
}
