import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Access, CurrentAccess, Requires } from '../common/access/index.js';
import { ApiErrors } from '../http/index.js';
import { SampleDataView } from './sample-data.dto.js';
import { SampleDataService } from './sample-data.service.js';

@ApiTags('Operators')
@Controller('t/:operator/api/v1/admin/operator/sample-data')
export class SampleDataController {
  constructor(private readonly samples: SampleDataService) {}

  @ApiOperation({ summary: 'Tell how far sample data is loaded, and whether it can be.' })
  @Get()
  @Requires('operator', 'operator:read')
  @ApiOkResponse({ type: SampleDataView })
  getSampleData(@CurrentAccess() { operator }: Access): Promise<SampleDataView> {
    return this.samples.view(operator.id);
  }

  @ApiOperation({
    summary: 'Load sample data into an operator without organizations.',
    description:
      'For trying things out: only servers with a loopback BASE_URL and without a mail server do it. It takes about a minute and goes on in the background. Another request while it loads changes nothing.',
  })
  @Post()
  @HttpCode(202)
  @Requires('operator', 'operator:edit', { personOnly: true, freshProof: true })
  @ApiErrors('sample_data.not_available', 'sample_data.has_organizations')
  @ApiAcceptedResponse({ type: SampleDataView })
  loadSampleData(@CurrentAccess() { operator }: Access): Promise<SampleDataView> {
    return this.samples.start(operator.id);
  }
}
