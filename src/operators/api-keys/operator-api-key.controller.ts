import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type PersonAccess, Requires } from '../../common/access/index.js';
import { type Page, PageOf } from '../../common/pagination/index.js';
import { ApiErrors, IdParam, IfMatch, ShowsSecret } from '../../http/index.js';
import {
  CreatedOperatorApiKeyView,
  CreateOperatorApiKey,
  OperatorApiKeyQuery,
  OperatorApiKeyView,
  PatchOperatorApiKey,
} from './operator-api-key.dto.js';
import { OperatorApiKeyService } from './operator-api-key.service.js';

class OperatorApiKeyPage extends PageOf(OperatorApiKeyView) {}

@ApiTags('API keys')
@Controller('t/:operator/api/v1/admin/operator/api-keys')
export class OperatorApiKeyController {
  constructor(private readonly keys: OperatorApiKeyService) {}

  @ApiOperation({ summary: 'List the API keys of the operator, newest first. The secrets are never returned.' })
  @Get()
  @Requires('operator', 'operator-api-keys:read')
  @ApiOkResponse({ type: OperatorApiKeyPage })
  listOperatorApiKeys(
    @CurrentAccess() access: PersonAccess,
    @Query() query: OperatorApiKeyQuery,
  ): Promise<Page<OperatorApiKeyView>> {
    return this.keys.list(access, query);
  }

  @ApiOperation({
    summary: 'Create an API key of the operator. The secret is returned only in this response.',
    description:
      'For back offices, Terraform and the command line. The key manages organizations, units, members, invitations, plans and credits, as ' +
      'far as its permissions go. It never reaches staff, sign-in settings, connections, keys, clients or accounts. What it grants counts ' +
      'toward the daily limit of its creator, and it approves nothing. It ends when its creator is blocked, erased or no longer an admin.',
  })
  @Post()
  @ShowsSecret()
  @Requires('operator', 'operator-api-keys:edit', { personOnly: true, freshProof: true })
  @ApiErrors('api_keys.limit_reached')
  @ApiCreatedResponse({ type: CreatedOperatorApiKeyView })
  createOperatorApiKey(
    @CurrentAccess() access: PersonAccess,
    @Body() input: CreateOperatorApiKey,
  ): Promise<CreatedOperatorApiKeyView> {
    return this.keys.create(access, input);
  }

  @ApiOperation({ summary: 'Read the permissions of an API key of the operator and when it was last used.' })
  @Get(':apiKeyId')
  @Requires('operator', 'operator-api-keys:read')
  @ApiErrors('api_keys.not_found')
  @ApiOkResponse({ type: OperatorApiKeyView })
  getOperatorApiKey(
    @CurrentAccess() access: PersonAccess,
    @Param('apiKeyId', IdParam) id: string,
  ): Promise<OperatorApiKeyView> {
    return this.keys.view(access, id);
  }

  @ApiOperation({
    summary: 'Rename an API key of the operator, or change when it expires.',
    description: 'What a key can do never changes. Create another key for that.',
  })
  @Patch(':apiKeyId')
  @Requires('operator', 'operator-api-keys:edit', { personOnly: true, freshProof: true })
  @ApiErrors('api_keys.not_found', 'api_keys.not_active')
  @ApiOkResponse({ type: OperatorApiKeyView })
  updateOperatorApiKey(
    @CurrentAccess() access: PersonAccess,
    @Param('apiKeyId', IdParam) id: string,
    @Body() input: PatchOperatorApiKey,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<OperatorApiKeyView> {
    return this.keys.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Revoke an API key of the operator. It stops working at once and cannot be restored.' })
  @Delete(':apiKeyId')
  @HttpCode(204)
  @Requires('operator', 'operator-api-keys:edit', { personOnly: true })
  @ApiErrors('api_keys.not_found')
  @ApiNoContentResponse()
  revokeOperatorApiKey(@CurrentAccess() access: PersonAccess, @Param('apiKeyId', IdParam) id: string): Promise<void> {
    return this.keys.revoke(access, id);
  }
}
