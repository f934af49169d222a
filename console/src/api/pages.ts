import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { COUNTED_ROWS } from '../i18n';

/** The server refuses longer searches. */
export const MAX_SEARCH_LENGTH = 100;

interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total?: number;
}

interface PageQuery {
  limit: 100;
  cursor?: string;
  count?: true;
  countLimit?: number;
}

/** One more than a list shows the number of, so that it can tell that there are more. */
const COUNT = { count: true, countLimit: COUNTED_ROWS + 1 } as const;

/**
 * Returns the query of an endless list. `key` names everything that the answer depends on. Lists do not use the generated
 * infinite options, because those send an empty cursor for the first page, which the server refuses.
 */
export const pages = <T>(
  key: readonly unknown[],
  read: (page: PageQuery, signal: AbortSignal) => Promise<{ data: Page<T> }>,
) =>
  infiniteQueryOptions({
    queryKey: key,
    queryFn: async ({ pageParam, signal }) =>
      (await read({ limit: 100, ...(pageParam ? { cursor: pageParam } : COUNT) }, signal)).data,
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // The list stays in sight while the next filter loads.
    placeholderData: keepPreviousData,
  });

/**
 * Runs a query made by `pages`. `rows` are those of all pages loaded so far, `total` counts those that
 * exist, up to `COUNTED_ROWS`.
 */
export function useList<T>(options: ReturnType<typeof pages<T>>) {
  const query = useInfiniteQuery(options);
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return { query, rows, total: query.data?.pages[0]?.total };
}

export type List<T> = ReturnType<typeof useList<T>>;
