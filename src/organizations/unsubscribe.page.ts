import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../common/access/index.js';
import { AcceptsForm, AnyRequest } from '../http/index.js';
import { HtmlPage, sendPage } from '../pages/index.js';
import type { NoticeKind } from './notice-kind.js';
import { OrganizationNoticeService } from './organization-notice.service.js';

const NAMES: Record<NoticeKind, string> = {
  credits: 'credit alerts',
  autoTopUp: 'automatic top-up',
  domains: 'verified domains',
};

/**
 * Switches off one kind of notice without a sign-in. Mail programs send the POST themselves when their user presses
 * "Unsubscribe" (RFC 8058), as a form of either type. The link says everything, so the form is not read.
 */
@HtmlPage()
@Controller('t/:operator/unsubscribe/:token')
export class UnsubscribeController {
  constructor(private readonly notices: OrganizationNoticeService) {}

  /** Changes nothing, because mail scanners open links too. */
  @Get()
  @Public()
  @AnyRequest()
  async showUnsubscribe(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { kind, organizationName } = await this.notices.unsubscription(operator, token);
    sendPage(reply, {
      status: 200,
      title: 'Stop these emails?',
      text: `You will get no more emails about ${NAMES[kind]} of ${organizationName}. All other emails still arrive.`,
      form: { buttons: [{ label: 'Stop these emails' }] },
    });
  }

  @Post()
  @Public()
  @AnyRequest()
  @AcceptsForm()
  async unsubscribe(
    @Param('operator') operator: string,
    @Param('token') token: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { kind, organizationName } = await this.notices.unsubscribe(operator, token);
    sendPage(reply, {
      status: 200,
      title: 'These emails are switched off',
      text: `You get no more emails about ${NAMES[kind]} of ${organizationName}. To switch them on again, open Notifications in your account.`,
      link: { href: '../account/notifications', label: 'Open Notifications' },
    });
  }
}
