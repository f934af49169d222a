import { applyDecorators, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PageContextInterceptor } from './page-context.js';
import { PageFilter } from './page.filter.js';

/** Serves pages that work without scripts, in the branding of the operator in the path. They are not part of the API. */
export const HtmlPage = () =>
  applyDecorators(ApiExcludeController(), UseFilters(PageFilter), UseInterceptors(PageContextInterceptor));
