import { Drawer, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './Problem';

interface Props<T> {
  opened: boolean;
  onClose: () => void;
  title: string;
  size?: 'lg' | 'xl';
  /** Undefined while it loads. */
  data: T | undefined;
  error: Error | null;
  children: (data: T) => ReactNode;
}

/** Shows one thing of a list beside the list, as soon as it is there, or why it is not. */
export function DetailDrawer<T>({ opened, onClose, title, size = 'lg', data, error, children }: Props<T>) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={size}
      title={
        <Text component="span" fz="lg" fw={600} style={{ overflowWrap: 'anywhere' }} dir="auto">
          {title}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {data !== undefined ? children(data) : error ? <ProblemAlert error={error} /> : <Skeleton h={240} />}
    </Drawer>
  );
}
