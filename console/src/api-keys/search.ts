import type { ApiKeyStatus } from '@trellis/client';

export const STATUSES = ['active', 'expired', 'revoked'] as const satisfies readonly ApiKeyStatus[];
const SORTS = ['name', '-name', 'createdAt', '-createdAt'] as const;

/** The search parameters of a page of API keys. */
export interface ApiKeySearch {
  q?: string | undefined;
  /** Active by default. */
  status?: ApiKeyStatus | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  dialog?: 'new' | undefined;
}

export const readSearch = ({ q, status, sort, dialog }: Record<string, unknown>): ApiKeySearch => ({
  ...(typeof q === 'string' && q && { q }),
  ...(STATUSES.includes(status as 'active') && { status: status as ApiKeyStatus }),
  ...(SORTS.includes(sort as 'name') && { sort: sort as 'name' }),
  ...(dialog === 'new' && { dialog }),
});

/** Returns the filters of the request for the list. */
export const filtersOf = ({ q, status = 'active', sort = '-createdAt' }: ApiKeySearch) => ({
  status,
  sort,
  ...(q && { q }),
});
