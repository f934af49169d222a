import { Group, Paper, Skeleton, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface CardProps {
  title?: string;
  /** Beside the title: a link to more, a menu. */
  action?: ReactNode;
  children: ReactNode;
}

/** A section of a page with a quiet border. */
export function Card({ title, action, children }: CardProps) {
  return (
    <Paper withBorder p="lg" component="section" aria-label={title}>
      {title && (
        <Group justify="space-between" mb="md">
          <Title order={2}>{title}</Title>
          {action}
        </Group>
      )}
      {children}
    </Paper>
  );
}

interface FigureProps {
  label: string;
  /** Undefined while it loads. */
  value: ReactNode | undefined;
  /** Says what the number means: a trend, a limit, what to do next. */
  note?: ReactNode;
}

/** One number of a page with what it means. */
export function FigureCard({ label, value, note }: FigureProps) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton h={28} w="60%" my={2} />
      ) : (
        <Text className="tabular" fz="1.375rem" fw={600} lh={1.4}>
          {value}
        </Text>
      )}
      {note && (
        <Text size="xs" c="dimmed" mt={2}>
          {note}
        </Text>
      )}
    </Paper>
  );
}
