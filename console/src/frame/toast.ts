import type { NotificationData } from '@mantine/notifications';
import i18next from 'i18next';
import type { ReactNode } from 'react';

interface ToastOptions {
  /** A button, for example to undo. */
  action?: ReactNode;
  error?: boolean;
}

/** Shows a short message that leaves by itself. */
export function toast(message: ReactNode, options: ToastOptions = {}): void {
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show(toNotification(message, options)),
  );
}

function toNotification(message: ReactNode, { action, error = false }: ToastOptions): NotificationData {
  return {
    message: action ? [message, ' ', action] : message,
    role: error ? 'alert' : 'status',
    color: error ? 'red' : 'gray',
    autoClose: error || action ? 10_000 : 4000,
    withBorder: true,
    closeButtonProps: { 'aria-label': i18next.t('close') },
  };
}
