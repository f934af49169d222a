import { Link } from '@tanstack/react-router';
import classes from './Tabs.module.css';

interface Props<V extends string> {
  label: string;
  tabs: { value: V; label: string }[];
  active: V;
  /** Returns the search of the address for a tab. */
  search: (before: never, value: V) => object;
}

/** Tabs over a list. They are links, so that each has an address. */
export function Tabs<V extends string>({ label, tabs, active, search }: Props<V>) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map((tab) => (
        <Link
          key={tab.value}
          to="."
          search={((before: never) => search(before, tab.value)) as never}
          className={classes.tab}
          data-active={tab.value === active}
          aria-current={tab.value === active ? 'page' : undefined}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
