import { Body, Controller, Get, Inject, Post, Query, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type OperatorRef, type Origin, Public } from '../common/access/index.js';
import { AppError, commonErrors } from '../common/errors/index.js';
import { AcceptsForm, AnyRequest, originOf, ValidationPipe } from '../http/index.js';
import { RateLimitService } from '../limits/index.js';
import { HtmlPage } from './html-page.decorator.js';
import { nextLink, type NextStep } from './next-link.js';
import { type Page, type PageForm, sendPage } from './page.js';
import { refusalTexts, sendRefusalPage } from './page.filter.js';
import { pageOperator, themeOfRequest } from './page-context.js';

interface PageContent extends Omit<Page, 'status' | 'link'> {
  /** Leads on to the console, which signs in with the code. The hash of the link is never sent to a server. */
  signIn?: { email: string; code: string; button: boolean };
  /** Leads on to the app of the page's theme, or else to the console. */
  next?: NextStep;
}

export interface Submission<F> {
  operator: OperatorRef;
  token: string;
  form: F;
  origin: Origin;
}

/** The page that a link in a mail leads to. */
export interface MailedLinkPage<S, F> {
  /** Below `t/{operator}/`. The token is its `:token`, otherwise `token` in the query and in the form. */
  path: string;
  /** The class of the form's fields. Fields that are left empty count as not sent. */
  form: Type<F>;
  service: Type<S>;
  /** Texts for errors that end here, by error code. All other errors show their detail. */
  refusals?: Readonly<Record<string, Pick<Page, 'title' | 'text'>>>;
  /** The input to correct, by the code of the error: the form is shown again. Null where the error names it, or none is. */
  correctable?: Readonly<Record<string, string | null>>;
  /** Builds the page. Must change nothing, because mail scanners open links too. */
  show(service: S, operator: OperatorRef, token: string, cookies: string): Promise<PageContent>;
  submit(service: S, submission: Submission<F>): Promise<PageContent>;
}

type LinkRequest = FastifyRequest<{ Params: { token?: string }; Querystring: { token?: unknown } }>;

const cookiesOf = ({ headers }: LinkRequest): string => headers.cookie ?? '';

const pipe = new ValidationPipe();

/** Returns the fields of a form that are not empty. */
function filledIn(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw commonErrors.validation_failed();
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
}

/** Returns a form that keeps what the user typed, except passwords. */
const refilled = (form: PageForm, fields: Record<string, unknown>): PageForm => ({
  ...form,
  inputs: (form.inputs ?? []).map((input) => {
    const typed = fields[input.name];
    return input.type === 'text' && typeof typed === 'string' ? { ...input, value: typed } : input;
  }),
});

/** Returns what the user has to correct, and where: in the one field that the error names, or else in `input`. */
function problemOf(
  { status, detail, options }: AppError,
  input: string | null,
): Pick<Page, 'status' | 'problem' | 'problemAt'> {
  const [field, another] = options.errors ?? [];
  if (field && !another) return { status, problem: sentence(field.message), problemAt: field.field };
  return { status, problem: detail, ...(input !== null && { problemAt: input }) };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`;

/** Returns the link to the sign-in, relative to a page at `path`, so that it works below any BASE_URL. */
function signInLink(
  path: string,
  { email, code, button }: NonNullable<PageContent['signIn']>,
): NonNullable<Page['link']> {
  const up = '../'.repeat(path.split('/').length - 1);
  const href = `${up}sign-in?${new URLSearchParams({ email })}#${new URLSearchParams({ code })}`;
  return { href, label: button ? 'Sign in' : 'Sign in here instead', button };
}

/** Creates the controller of a mailed link: GET shows its page, POST submits the page's form. */
export function mailedLinkController<S, F extends object>(page: MailedLinkPage<S, F>): Type {
  const { correctable = {} } = page;
  @HtmlPage()
  @Controller(`t/:operator/${page.path}`)
  class MailedLinkController {
    constructor(
      @Inject(page.service) private readonly service: S,
      @Inject(RateLimitService) private readonly rateLimits: RateLimitService,
    ) {}

    /** Mail programs may append to the link, so unknown query parameters are ignored. */
    @Get()
    @Public()
    @AnyRequest()
    async show(@Req() request: LinkRequest, @Res() reply: FastifyReply): Promise<void> {
      const token = request.params.token ?? request.query.token;
      const operator = pageOperator(request);
      const given = typeof token === 'string' ? token : '';
      await this.send(request, reply, () => page.show(this.service, operator, given, cookiesOf(request)));
    }

    @Post()
    @Public()
    @AcceptsForm()
    async submit(
      @Req() request: LinkRequest,
      @Body() body: unknown,
      // The form of a page is posted to the address of the page, with what a mail program appended.
      @Query() _: unknown,
      @Res() reply: FastifyReply,
    ): Promise<void> {
      const operator = pageOperator(request);
      const fields = filledIn(body);
      const token = String(request.params.token ?? fields.token);
      await this.send(request, reply, async () => {
        try {
          const form = pipe.transform(fields, { type: 'body', metatype: page.form }) as F;
          return await page.submit(this.service, { operator, token, form, origin: originOf(request) });
        } catch (error) {
          const input = error instanceof AppError ? correctable[error.code] : undefined;
          if (input === undefined) throw error;
          const { form, ...shown } = await page.show(this.service, operator, token, cookiesOf(request));
          return { ...shown, ...(form && { form: refilled(form, fields) }), ...problemOf(error as AppError, input) };
        }
      });
    }

    private async send(
      request: LinkRequest,
      reply: FastifyReply,
      build: () => Promise<PageContent & { status?: number }>,
    ): Promise<void> {
      try {
        const { signIn, next, ...content } = await build();
        const theme = content.theme ?? themeOfRequest(request);
        const link = signIn ? signInLink(page.path, signIn) : next && nextLink(page.path, theme, next);
        sendPage(reply, { status: 200, ...content, ...(link && { link }) });
      } catch (thrown) {
        const error = await this.rateLimits.countWrongSecret(thrown, originOf(request).ip);
        if (!(error instanceof AppError)) throw error;
        const texts = page.refusals?.[error.code] ?? refusalTexts(error);
        sendRefusalPage(reply, error, { ...texts, link: nextLink(page.path, themeOfRequest(request), {}) });
      }
    }
  }
  return MailedLinkController;
}
