import type { ReactNode } from 'react';
import type { List } from '../api/pages';
import { COUNTED_ROWS } from '../i18n';
import { ProblemAlert } from './Problem';
import { type Column, VirtualTable } from './VirtualTable';

interface Props<T> {
  label: string;
  list: List<T>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** An EmptyState for a list without rows. */
  empty: ReactNode;
}

/** The table of an endless list, or why there is none. */
export function ListTable<T>({ label, list: { query, rows, total }, columns, rowKey, empty }: Props<T>) {
  if (query.isError) return <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.isPending && rows.length === 0) return empty;
  return (
    <VirtualTable
      label={label}
      rows={rows}
      columns={columns}
      rowKey={rowKey}
      total={total !== undefined && total <= COUNTED_ROWS ? total : undefined}
      hasMore={query.hasNextPage}
      loadMore={() => void query.fetchNextPage()}
      loading={query.isFetching}
    />
  );
}
