import { Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  icon?: ReactNode;
  title: string;
  /** Says what belongs here and what to do next. */
  text: string;
  action?: ReactNode;
}

/** Takes the place of content that does not exist yet. */
export function EmptyState({ icon, title, text, action }: Props) {
  return (
    <Stack align="center" gap="xs" py="15vh" px="md" maw={440} mx="auto" ta="center">
      {icon && (
        <ThemeIcon variant="default" size={44} radius="md" c="dimmed" mb="xs">
          {icon}
        </ThemeIcon>
      )}
      <Title order={2}>{title}</Title>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      {action && <div style={{ marginTop: '0.75rem' }}>{action}</div>}
    </Stack>
  );
}
