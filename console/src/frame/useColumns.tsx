import type { ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';
import { sortedBy, SortHeader } from './SortHeader';
import type { Column } from './VirtualTable';

interface Heading {
  label: string;
  /** The heading sorts by this field. */
  field?: string;
}

/** Returns the columns that many lists have, so that they look the same in all of them. `sort` is that of the address. */
export function useColumns(sort?: string) {
  const format = useFormat();
  const heading = ({ label, field }: Heading) =>
    field
      ? { header: <SortHeader label={label} field={field} sort={sort} />, sorted: sortedBy(sort, field) }
      : { header: label };
  return {
    name: <T,>(about: Heading, cell: (row: T) => ReactNode): Column<T> => ({
      key: 'name',
      ...heading(about),
      width: 'minmax(8rem, 2fr)',
      cell,
    }),
    email: <T extends { email: string }>(about: Heading): Column<T> => ({
      key: 'email',
      ...heading(about),
      width: 'minmax(10rem, 3fr)',
      cell: ({ email }) => <span title={email}>{email}</span>,
      wide: true,
    }),
    date: <T,>(key: string, about: Heading, valueOf: (row: T) => string): Column<T> => ({
      key,
      ...heading(about),
      width: '8rem',
      cell: (row) => format.date(valueOf(row)),
      numeric: true,
      wide: true,
    }),
  };
}
