import { Button, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import type { AccountView } from '@trellis/client';
import { getAccountQueryKey } from '@trellis/client/react-query';
import { useTranslation } from 'react-i18next';
import { session } from '../api/session';
import { SignInSteps } from '../sign-in/SignInSteps';
import { useSessionState } from './useSession';

/** Opens over a page whose session ended. The page stays as it is, and requests that wait go on after the sign-in. */
export function SessionEndedDialog() {
  const { t } = useTranslation();
  const expired = useSessionState() === 'expired';
  const path = useLocation({ select: ({ pathname }) => pathname });
  const account = useQueryClient().getQueryData<AccountView>(getAccountQueryKey());
  return (
    <Modal
      opened={expired}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      // Over every other dialog, which may hold what was typed.
      zIndex={1000}
      title={t('session.endedTitle')}
    >
      <Stack>
        <Text size="sm">{t('session.endedText')}</Text>
        <SignInSteps email={account?.email} path={path} />
        {/* For users who cannot sign in again, because the account is blocked, and for those who want another account. */}
        <Button variant="subtle" color="gray" onClick={() => void session.signOut()}>
          {t('session.leave')}
        </Button>
      </Stack>
    </Modal>
  );
}
