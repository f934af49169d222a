import { Box, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import classes from './VirtualTable.module.css';

export interface Column<T> {
  key: string;
  header: ReactNode;
  /** Width in a CSS grid: `2fr`, `8rem`, `minmax(10rem, 3fr)`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** Aligned to the right, with figures below each other. */
  numeric?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  sorted?: 'ascending' | 'descending' | undefined;
}

interface Props<T> {
  label: string;
  rows: T[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** How many rows exist, if the server told. */
  total?: number | undefined;
  hasMore: boolean;
  loadMore: () => void;
  loading: boolean;
}

const ROW_PX = 40;
/** How many rows before the end the next page is requested. */
const AHEAD_ROWS = 60;

/** A table of any length that renders only the rows in sight. It has roles, because it is not made of table elements. */
export function VirtualTable<T>({ label, rows, columns: all, rowKey, total, hasMore, loadMore, loading }: Props<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const columns = narrow ? all.filter(({ wide }) => !wide) : all;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 15,
    getItemKey: (index) => rowKey(rows[index] as T),
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && !loading && last >= rows.length - AHEAD_ROWS) loadMore();
  }, [hasMore, loading, last, rows.length, loadMore]);

  const template = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  const cellClass = ({ numeric }: Column<T>) => `${classes.cell} ${numeric ? classes.end : ''}`;
  return (
    <Box ref={frame} className={classes.frame} role="region" aria-label={label} tabIndex={0}>
      <div role="table" aria-label={label} aria-rowcount={total === undefined ? -1 : total + 1} aria-busy={loading}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row} style={template}>
            {columns.map((column) => (
              <div key={column.key} role="columnheader" aria-sort={column.sorted} className={cellClass(column)}>
                {column.header}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = rows[item.index] as T;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                className={`${classes.row} ${classes.body}`}
                style={{ ...template, height: ROW_PX, transform: `translateY(${item.start}px)` }}
              >
                {columns.map((column) => (
                  <div key={column.key} role="cell" className={cellClass(column)}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {loading && rows.length === 0 && <SkeletonRows />}
    </Box>
  );
}

const SkeletonRows = () => (
  <div aria-hidden>
    {Array.from({ length: 8 }, (_, index) => (
      <Skeleton key={index} h={12} my={14} mx="md" w={`${85 - (index % 3) * 12}%`} />
    ))}
  </div>
);
