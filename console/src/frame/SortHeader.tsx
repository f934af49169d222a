import { Link } from '@tanstack/react-router';
import ArrowDown from 'lucide-react/icons/arrow-down';
import ArrowUp from 'lucide-react/icons/arrow-up';
import { useTranslation } from 'react-i18next';
import classes from './VirtualTable.module.css';

interface Props {
  label: string;
  /** The value of the server's `sort` parameter. `-field` sorts downwards. */
  field: string;
  sort: string | undefined;
}

/** Returns how a column is sorted, for `Column.sorted`. */
export const sortedBy = (sort: string | undefined, field: string): 'ascending' | 'descending' | undefined =>
  sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : undefined;

/** The heading of a column that sorts the list. It is a link, so that Back undoes it. */
export function SortHeader({ label, field, sort }: Props) {
  const { t } = useTranslation();
  const next = sort === field ? `-${field}` : field;
  return (
    <Link
      to="."
      search={((before: Record<string, unknown>) => ({ ...before, sort: next })) as never}
      className={classes.sort}
      aria-label={t('list.sortedBy', { column: label })}
    >
      {label}
      {sort === field && <ArrowUp size={12} />}
      {sort === `-${field}` && <ArrowDown size={12} />}
    </Link>
  );
}
