import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { start } from '../start';

interface Props {
  title: string;
  /** Beside the title: a status, a copy button. */
  aside?: ReactNode;
  description?: ReactNode;
  /** On the right: what can be done here. */
  actions?: ReactNode;
}

/** The heading of a page. Also names the tab of the browser. */
export function PageHeader({ title, aside, description, actions }: Props) {
  useDocumentTitle(title);
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="lg">
      <Stack gap={2} miw={0}>
        <Group gap="sm">
          <Title order={1} dir="auto">
            {title}
          </Title>
          {aside}
        </Group>
        {description && (
          <Text size="sm" c="dimmed">
            {description}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${start.branding.displayName}`;
  }, [title]);
}
