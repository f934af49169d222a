import { Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Brand } from '../frame/Brand';
import { useDocumentTitle } from '../frame/PageHeader';
import { Legal } from './Legal';
import classes from './SignIn.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  children: ReactNode;
  /** Below the card: where else to go. */
  footer?: ReactNode;
  wide?: boolean;
}

/** A page outside of the frame: one card under the logo. */
export function SignInShell({ title, text, children, footer, wide }: Props) {
  useDocumentTitle(title);
  return (
    <div className={classes.page}>
      <header className={classes.brand}>
        <Brand />
      </header>
      <main className={classes.main} data-wide={wide}>
        <Paper withBorder className={classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1}>{title}</Title>
              {text && (
                <Text c="dimmed" size="sm" mt={2}>
                  {text}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
        {footer && <div className={classes.footer}>{footer}</div>}
      </main>
      <Legal />
    </div>
  );
}
