import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import type { OperatorRef } from '../common/access/index.js';
import { operatorErrors, OperatorService } from '../operators/index.js';
import { BrandingService, type BrandingValues, type Theme, themeOf } from '../settings/index.js';

/** The name and colors that a page shows, and the app that it leads on to. */
export interface PageTheme extends Theme {
  name: string;
  /** Null for the console. */
  appUrl: string | null;
}

export const pageTheme = (branding: BrandingValues): PageTheme => ({
  name: branding.displayName,
  appUrl: branding.appUrl,
  ...themeOf(branding),
});

interface PageContext {
  operator: OperatorRef;
  theme: PageTheme;
}

const contexts = new WeakMap<FastifyRequest, PageContext>();

/** Returns the theme of the operator in the path, undefined if there is no such operator. */
export const themeOfRequest = (request: FastifyRequest): PageTheme | undefined => contexts.get(request)?.theme;

/** Returns the operator in the path. */
export function pageOperator(request: FastifyRequest): OperatorRef {
  const context = contexts.get(request);
  if (!context) throw operatorErrors.not_found();
  return context.operator;
}

/** Loads the operator in the path and its branding, so that refusals look like the operator too. */
@Injectable()
export class PageContextInterceptor implements NestInterceptor {
  constructor(
    private readonly operators: OperatorService,
    private readonly branding: BrandingService,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { operator?: string } }>>();
    const operator = await this.operators.findBySlug(request.params.operator ?? '');
    if (operator) {
      const theme = pageTheme(await this.branding.effective(operator.id));
      contexts.set(request, { operator, theme });
    }
    return next.handle();
  }
}
