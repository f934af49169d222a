import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import i18next from 'i18next';

/** Shows a short message that leaves by itself. `action` may hold a button, for example to undo. */
export function toast(
  message: ReactNode,
  { action, error = false }: { action?: ReactNode; error?: boolean } = {},
): void {
  notifications.show({
    message: action ? [message, ' ', action] : message,
    role: error ? 'alert' : 'status',
    color: error ? 'red' : 'gray',
    autoClose: error || action ? 10_000 : 4000,
    withBorder: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  });
}
