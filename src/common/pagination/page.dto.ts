import { ApiProperty } from '@nestjs/swagger';
import { IntegerField, QueryBooleanField, QueryIntegerField, TextField } from '../validation/index.js';

export const DEFAULT_LIMIT = 25;
export const MAX_LIMIT = 100;
const MAX_COUNT_LIMIT = 1_000_000;

/** Query parameters of every list. Lists add filters and `sort`. */
export class PageQuery {
  @QueryIntegerField({ min: 1, max: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Most items per page.' })
  limit?: number;

  @TextField({ max: 2000, optional: true, description: '`nextCursor` of the previous page.' })
  cursor?: string;

  @QueryBooleanField({ description: 'Adds `total`, the number of items on all pages.' })
  count?: boolean;

  @QueryIntegerField({
    min: 1,
    max: MAX_COUNT_LIMIT,
    description:
      'Stops counting here, which keeps `total` quick in lists of any length. A `total` of this number means that many or more.',
  })
  countLimit?: number;
}

export interface Page<T> {
  items: T[];
  /** Null on the last page. */
  nextCursor: string | null;
  limit: number;
  total?: number;
}

/** Creates the response class of a list of `item`, for openapi.json. */
export function PageOf<T>(item: new () => T, name = item.name) {
  class PageView {
    @ApiProperty({ type: item, isArray: true })
    items: T[];

    @TextField({ nullable: true, description: 'Send it as `cursor` to get the next page. Null on the last page.' })
    nextCursor: string | null;

    @IntegerField({ min: 1, max: MAX_LIMIT })
    limit: number;

    @IntegerField({
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      optional: true,
      description: 'Only with `count=true`. At most `countLimit`.',
    })
    total?: number;
  }
  Object.defineProperty(PageView, 'name', { value: `${name.replace(/View$/, '')}Page` });
  return PageView;
}
