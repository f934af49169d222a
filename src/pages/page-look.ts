import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { Operators } from '../operators/index.js';
import { Branding, type BrandingValues, type Theme, themeOf } from '../settings/index.js';

/** Who a page is from and how it looks. */
export interface PageLook {
  name: string;
  theme: Theme;
}

export const pageLook = (branding: BrandingValues): PageLook => ({
  name: branding.displayName,
  theme: themeOf(branding),
});

const looks = new WeakMap<FastifyRequest, PageLook>();

/** The look of the operator in a request's path; none when there is no such operator. */
export const lookOfRequest = (request: FastifyRequest): PageLook | undefined => looks.get(request);

/** Finds out how the operator of the path looks, before anything that ends in a page of his. */
@Injectable()
export class PageLooks implements NestInterceptor {
  constructor(
    private readonly operators: Operators,
    private readonly branding: Branding,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { operator?: string } }>>();
    const operator = await this.operators.findBySlug(request.params.operator ?? '');
    if (operator) looks.set(request, pageLook(await this.branding.effective(operator.id)));
    return next.handle();
  }
}
