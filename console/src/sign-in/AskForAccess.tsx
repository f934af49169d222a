import { Anchor, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { start } from '../start';

/** Says whom to ask where users cannot help themselves. */
export function AskForAccess() {
  const { t } = useTranslation('signIn');
  const { displayName, supportEmail, supportUrl } = start.branding;
  const href = supportEmail ? `mailto:${supportEmail}` : supportUrl;
  return (
    <Text size="sm">
      {t('ask.text')}{' '}
      {href && (
        <Anchor href={href} size="sm" rel="noreferrer">
          {supportEmail ?? t('ask.support', { name: displayName })}
        </Anchor>
      )}
    </Text>
  );
}
