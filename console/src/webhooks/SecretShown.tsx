import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyBlock } from '../frame/CopyBlock';

/** Verifies a delivery with the reference library. */
const EXAMPLE = `import { Webhook } from 'standardwebhooks';

// The body as it arrived, not parsed, and the headers of the request.
const event = new Webhook(process.env.WEBHOOK_SECRET).verify(body, headers);`;

interface Props {
  secret: string;
  /** More to know about it. */
  note?: string;
  onClose: () => void;
}

/** Shows a secret once, with what to do with it. */
export function SecretShown({ secret, note, onClose }: Props) {
  const { t } = useTranslation('webhooks');
  return (
    <Stack>
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('onlyNow')}
      </Alert>
      {note && <Text size="sm">{note}</Text>}
      <CopyBlock label={t('secret')} value={secret} />
      <CopyBlock label={t('verify')} value={EXAMPLE} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('savedSecret')}</Button>
      </Group>
    </Stack>
  );
}
