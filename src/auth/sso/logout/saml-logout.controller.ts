import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Origin, Public } from '../../../common/access/index.js';
import { AcceptsLargeForm, AnyRequest } from '../../../http/index.js';
import { HtmlPage, sendPage } from '../../../pages/index.js';
import { CurrentOrigin } from '../../access/index.js';
import { optionalTextField, textField } from '../message-fields.js';
import { ProviderLogoutService, type SamlLogoutForm } from './provider-logout.service.js';

const formOf = (given: unknown, query: string | null): SamlLogoutForm => ({
  SAMLRequest: textField(given, 'SAMLRequest'),
  RelayState: optionalTextField(given, 'RelayState'),
  query,
});

/** Receives the browser that a SAML provider sends when its user signs out there. */
@HtmlPage()
@Controller('t/:operator/sso/saml/:connectionId/logout')
export class SamlLogoutController {
  constructor(private readonly logout: ProviderLogoutService) {}

  /** HTTP-Redirect, with the signature in the query. */
  @Get()
  @Public()
  @AnyRequest()
  async byRedirect(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @CurrentOrigin() origin: Origin,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const search = (request.raw.url ?? '').split('?')[1] ?? '';
    await this.end(operator, connectionId, formOf(request.query, search), origin, reply);
  }

  /** HTTP-POST, with the signature in the message. */
  @Post()
  @HttpCode(200)
  @Public()
  @AcceptsLargeForm()
  @AnyRequest()
  async byPost(
    @Param('operator') operator: string,
    @Param('connectionId') connectionId: string,
    @CurrentOrigin() origin: Origin,
    @Req() { body }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.end(operator, connectionId, formOf(body, null), origin, reply);
  }

  private async end(
    operator: string,
    connectionId: string,
    form: SamlLogoutForm,
    origin: Origin,
    reply: FastifyReply,
  ): Promise<void> {
    const next = await this.logout.bySaml(operator, connectionId, form, origin);
    if (next === null) return signedOut(reply);
    void reply.redirect(next, 303);
  }
}

const signedOut = (reply: FastifyReply): void =>
  sendPage(reply, { status: 200, title: 'You are signed out', text: 'You can close this page.' });
