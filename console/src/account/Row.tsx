import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './account.module.css';

interface Props {
  title: ReactNode;
  /** Beside the title: a status. */
  aside?: ReactNode;
  text?: ReactNode;
  icon?: ReactNode;
  /** On the right: what can be done. */
  children?: ReactNode;
}

/** One thing of an account, with what can be done about it. */
export function Row({ title, aside, text, icon, children }: Props) {
  return (
    <li className={classes.row}>
      {icon}
      <div className={classes.what}>
        <Group gap="xs">
          <Text size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
          {aside}
        </Group>
        {text && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {text}
          </Text>
        )}
      </div>
      <Group gap="xs">{children}</Group>
    </li>
  );
}

export const Rows = ({ children, label }: { children: ReactNode; label?: string }) => (
  <ul className={classes.rows} aria-label={label}>
    {children}
  </ul>
);
