import type { WebhookView } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { StatusBadge } from '../frame/StatusBadge';

export function WebhookStatus({ webhook: { active, disabledReason, failingSince } }: { webhook: WebhookView }) {
  const { t } = useTranslation('webhooks');
  if (!active)
    return (
      <StatusBadge tone={disabledReason ? 'bad' : 'neutral'}>{t(disabledReason ? 'disabled' : 'off')}</StatusBadge>
    );
  return <StatusBadge tone={failingSince ? 'warning' : 'good'}>{t(failingSince ? 'failing' : 'on')}</StatusBadge>;
}
