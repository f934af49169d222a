import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentAccess, type OrganizationAccess, Requires } from '../../../common/access/index.js';
import { IdParam, IfMatch, ApiErrors } from '../../../http/index.js';
import { AlertListView, AlertView, CreateAlert, PatchAlert } from './alert.dto.js';
import { AlertService } from './alert.service.js';

@ApiTags('Credits')
@Controller('t/:operator/api/v1/organizations/:orgId/credit-alerts')
export class AlertController {
  constructor(private readonly alerts: AlertService) {}

  @ApiOperation({ summary: 'List the credit alerts of an organization.' })
  @Get()
  @Requires('organization', 'credits:read')
  @ApiOkResponse({ type: AlertListView })
  listCreditAlerts(@CurrentAccess() access: OrganizationAccess): Promise<AlertListView> {
    return this.alerts.list(access);
  }

  @ApiOperation({ summary: 'Create an alert. Admins and billing admins get an email and an event each time it fires.' })
  @Post()
  @Requires('organization', 'credit-alerts:edit')
  @ApiErrors('billing.alert_limit_reached')
  @ApiCreatedResponse({ type: AlertView })
  createCreditAlert(@CurrentAccess() access: OrganizationAccess, @Body() input: CreateAlert): Promise<AlertView> {
    return this.alerts.create(access, input);
  }

  @ApiOperation({ summary: 'Read an alert.' })
  @Get(':alertId')
  @Requires('organization', 'credits:read')
  @ApiErrors('billing.alert_not_found')
  @ApiOkResponse({ type: AlertView })
  getCreditAlert(@CurrentAccess() access: OrganizationAccess, @Param('alertId', IdParam) id: string) {
    return this.alerts.view(access, id);
  }

  @ApiOperation({ summary: 'Update an alert.' })
  @Patch(':alertId')
  @Requires('organization', 'credit-alerts:edit')
  @ApiErrors('billing.alert_not_found')
  @ApiOkResponse({ type: AlertView })
  updateCreditAlert(
    @CurrentAccess() access: OrganizationAccess,
    @Param('alertId', IdParam) id: string,
    @Body() input: PatchAlert,
    @IfMatch() ifMatch: string | undefined,
  ): Promise<AlertView> {
    return this.alerts.patch(access, id, input, ifMatch);
  }

  @ApiOperation({ summary: 'Delete an alert.' })
  @Delete(':alertId')
  @HttpCode(204)
  @Requires('organization', 'credit-alerts:edit')
  @ApiErrors('billing.alert_not_found')
  @ApiNoContentResponse()
  deleteCreditAlert(@CurrentAccess() access: OrganizationAccess, @Param('alertId', IdParam) id: string): Promise<void> {
    return this.alerts.delete(access, id);
  }
}
