import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../http/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import {
  CreateRoleTemplate,
  DeleteRoleTemplate,
  PatchRoleTemplate,
  RoleTemplateQuery,
  RoleTemplateView,
} from './role-template.dto.js';
import { RoleTemplateService } from './role-template.service.js';

class RoleTemplatePage extends PageOf(RoleTemplateView) {}

@ApiTags('Roles')
@Controller('t/:operator/api/v1/admin/role-templates')
export class RoleTemplateController {
  constructor(private readonly templates: RoleTemplateService) {}

  @ApiOperation({ summary: 'List the role templates of the operator.' })
  @Get()
  @Requires('operator', 'role-templates:read')
  @ApiOkResponse({ type: RoleTemplatePage })
  listRoleTemplates(
    @CurrentAccess() access: Access,
    @Query() query: RoleTemplateQuery,
  ): Promise<Page<RoleTemplateView>> {
    return this.templates.list(access, query);
  }

  @ApiOperation({ summary: 'Publish a role template to all organizations, including future ones.' })
  @Post()
  @Requires('operator', 'role-templates:edit', { freshProof: true })
  @ApiErrors('role_templates.key_taken', 'role_templates.limit_reached')
  @ApiCreatedResponse({ type: RoleTemplateView })
  createRoleTemplate(@CurrentAccess() access: Access, @Body() input: CreateRoleTemplate): Promise<RoleTemplateView> {
    return this.templates.create(access, input);
  }

  @ApiOperation({ summary: 'Read a role template.' })
  @Get(':roleTemplateId')
  @Requires('operator', 'role-templates:read')
  @ApiErrors('role_templates.not_found')
  @ApiOkResponse({ type: RoleTemplateView })
  getRoleTemplate(
    @CurrentAccess() access: Access,
    @Param('roleTemplateId', IdParam) id: string,
  ): Promise<RoleTemplateView> {
    return this.templates.view(access, id);
  }

  @ApiOperation({ summary: 'Change a role template. The change applies at once in every organization.' })
  @Patch(':roleTemplateId')
  @Requires('operator', 'role-templates:edit', { freshProof: true })
  @ApiErrors('role_templates.not_found')
  @ApiOkResponse({ type: RoleTemplateView })
  updateRoleTemplate(
    @CurrentAccess() access: Access,
    @Param('roleTemplateId', IdParam) id: string,
    @Body() input: PatchRoleTemplate,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<RoleTemplateView> {
    return this.templates.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Withdraw a role template. Where it is in use, a replacement takes its place.' })
  @Delete(':roleTemplateId')
  @HttpCode(204)
  @Requires('operator', 'role-templates:edit', { freshProof: true })
  @ApiErrors('role_templates.not_found', 'role_templates.in_use')
  @ApiNoContentResponse()
  deleteRoleTemplate(
    @CurrentAccess() access: Access,
    @Param('roleTemplateId', IdParam) id: string,
    @Query() query: DeleteRoleTemplate,
  ): Promise<void> {
    return this.templates.delete(access, id, query.replacementTemplateId);
  }
}
