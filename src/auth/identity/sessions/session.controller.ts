import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type PersonAccess, CurrentAccess, RequiresAccount } from '../../../common/access/index.js';
import { ApiErrors, IdParam } from '../../../http/index.js';
import { type Page, PageOf, PageQuery } from '../../../common/pagination/index.js';
import { SessionView } from './session.dto.js';
import { SessionService } from './session.service.js';

class SessionPage extends PageOf(SessionView) {}

@ApiTags('Account')
@Controller('t/:operator/api/v1/account/sessions')
export class SessionController {
  constructor(private readonly sessions: SessionService) {}

  @ApiOperation({ summary: 'List your sessions.' })
  @Get()
  @RequiresAccount()
  @ApiOkResponse({ type: SessionPage })
  listSessions(@CurrentAccess() access: PersonAccess, @Query() query: PageQuery): Promise<Page<SessionView>> {
    return this.sessions.list(access, query);
  }

  @ApiOperation({ summary: 'Sign out of all sessions, including this one.' })
  @Delete()
  @HttpCode(204)
  @RequiresAccount()
  @ApiNoContentResponse()
  endSessions(@CurrentAccess() access: PersonAccess): Promise<void> {
    return this.sessions.endAll(access);
  }

  @ApiOperation({ summary: 'Sign out of one of your sessions.' })
  @Delete(':sessionId')
  @HttpCode(204)
  @RequiresAccount()
  @ApiErrors('auth.session_not_found')
  @ApiNoContentResponse()
  endSession(@CurrentAccess() access: PersonAccess, @Param('sessionId', IdParam) id: string): Promise<void> {
    return this.sessions.end(access, id);
  }
}
