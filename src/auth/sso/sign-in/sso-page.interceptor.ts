import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, from, type Observable } from 'rxjs';
import { AppError } from '../../../common/errors/index.js';
import { isId } from '../../../common/ids/index.js';
import { Database } from '../../../database/index.js';
import { type Page, pageOperator, type PageTheme, pageTheme } from '../../../pages/index.js';
import { BrandingService } from '../../../settings/index.js';
import { ConnectionStore } from '../connections/connection.store.js';
import type { PendingSsoLogin } from '../login-state/pending-sso-login.js';

type SsoRequest = FastifyRequest<{ Params: { connectionId?: string }; Querystring: { intent?: unknown } }>;
type RefusalPage = Pick<Page, 'link' | 'theme'>;

/** Browsers ask for a page; programs do not. */
export const wantsPage = ({ headers }: FastifyRequest): boolean => /\btext\/html\b/i.test(headers.accept ?? '');

/** Refusals that the next attempt gets as well. */
const LASTING = new Set(['sso.connection_not_found', 'sso.connection_disabled', 'organizations.suspended']);

const begunBy = new WeakMap<FastifyRequest, PendingSsoLogin>();
const pages = new WeakMap<FastifyRequest, RefusalPage>();

/** Remembers the sign-in that a request ended, so that the page of its refusal can begin the same one again. */
export const rememberBegun = (request: FastifyRequest, begun: PendingSsoLogin): void =>
  void begunBy.set(request, begun);

/** Returns what the page of a refusal shows besides its text. */
export const refusalPageOf = (request: FastifyRequest): RefusalPage => pages.get(request) ?? {};

/** Gives the pages of refusals the look of the organization whose connection was used, and a way on. */
@Injectable()
export class SsoPageInterceptor implements NestInterceptor {
  constructor(
    private readonly db: Database,
    private readonly connections: ConnectionStore,
    private readonly branding: BrandingService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<SsoRequest>();
    if (!wantsPage(request)) return next.handle();
    const prepare = async (error: unknown): Promise<never> => {
      if (error instanceof AppError) pages.set(request, await this.pageOf(request, error));
      throw error;
    };
    return next.handle().pipe(catchError((error: unknown) => from(prepare(error))));
  }

  /** Returns the look of the organization that has a connection, undefined if there is none. */
  async themeOf(request: FastifyRequest, connectionId: string | undefined): Promise<PageTheme | undefined> {
    if (!isId(connectionId)) return undefined;
    const { id: operatorId } = pageOperator(request);
    const connection = await this.connections.findUsable(this.db.reader, operatorId, connectionId);
    return connection ? pageTheme(await this.branding.effective(operatorId, connection.organizationId)) : undefined;
  }

  private async pageOf(request: SsoRequest, { code }: AppError): Promise<RefusalPage> {
    const begun = begunBy.get(request);
    const link = LASTING.has(code) ? linkToSignIn(request) : linkOf(request, begun);
    // Without an operator the page has no look either.
    const theme = await this.themeOf(request, begun?.connectionId ?? request.params.connectionId).catch(
      () => undefined,
    );
    return { link, ...(theme && { theme }) };
  }
}

/** Returns the path from the address of a request to `/t/{operator}/`, so that links work below any BASE_URL. */
const upFrom = ({ url }: FastifyRequest): string =>
  '../'.repeat(
    (url
      .split('?')[0]
      ?.replace(/^.*?\/t\/[^/]+\//, '')
      .split('/').length ?? 1) - 1,
  );

const linkToSignIn = (request: FastifyRequest): NonNullable<Page['link']> => ({
  href: `${upFrom(request)}sign-in`,
  label: 'Back to sign-in',
  button: true,
});

/** Returns the link that begins the same sign-in again. What others began is never continued, and intents work once. */
function linkOf(request: SsoRequest, begun: PendingSsoLogin | undefined): NonNullable<Page['link']> {
  const [path = '', search = ''] = request.url.split('?');
  const again = { label: 'Try again', button: true };
  if (path.endsWith('/start') && request.query.intent === undefined)
    return { ...again, href: search ? `start?${search}` : 'start' };
  if (!begun || begun.intent) return linkToSignIn(request);
  const { connectionId, returnTo, codeChallenge, audience, authenticatedAfter } = begun;
  const query = new URLSearchParams({
    ...(returnTo !== undefined && { returnTo }),
    ...(codeChallenge !== undefined && { codeChallenge }),
    ...(audience !== undefined && { audience }),
    ...(authenticatedAfter !== undefined && { prompt: 'login' }),
  }).toString();
  return { ...again, href: `${upFrom(request)}api/v1/auth/sso/${connectionId}/start${query && `?${query}`}` };
}
