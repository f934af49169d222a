import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../common/access/index.js';
import { PERMISSIONS, PermissionsView } from './permission.dto.js';

@ApiTags('Roles')
@Controller('t/:operator/api/v1/admin/permissions')
export class PermissionController {
  @ApiOperation({ summary: 'List all permissions, with the level at which each is held.' })
  @Get()
  @Requires('operator', 'permissions:list', { withoutOwnProof: 'allowed' })
  @ApiOkResponse({ type: PermissionsView })
  listPermissions(): PermissionsView {
    return PERMISSIONS;
  }
}
