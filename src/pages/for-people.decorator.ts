import { applyDecorators, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PageFilter } from './page.filter.js';
import { PageLooks } from './page-look.js';

/** Pages for people with nothing but a browser: they work without scripts, look like the operator, and are no part of the API. */
export const ForPeople = () =>
  applyDecorators(ApiExcludeController(), UseFilters(PageFilter), UseInterceptors(PageLooks));
