import { Alert, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyBlock } from '../frame/CopyBlock';
import { apiBase } from '../start';

export interface CreatedKey {
  name: string;
  key: string;
  /** The path of a request that the key may send. */
  tries: string;
}

interface Props {
  opened: boolean;
  onClose: () => void;
  form: (onCreated: (key: CreatedKey) => void) => ReactNode;
}

/** Creates an API key and shows it once. */
export function NewKeyDrawer({ opened, onClose, form }: Props) {
  const { t } = useTranslation(['apiKeys', 'common']);
  const [created, setCreated] = useState<CreatedKey>();
  const close = () => {
    setCreated(undefined);
    onClose();
  };
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      size="lg"
      // The key is gone once this closes, so a stray click does not do it.
      closeOnClickOutside={created === undefined}
      title={
        <Text component="span" fz="lg" fw={600}>
          {created ? created.name : t('new')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {created ? <ShownOnce created={created} onClose={close} /> : form(setCreated)}
    </Drawer>
  );
}

function ShownOnce({ created: { key, tries }, onClose }: { created: CreatedKey; onClose: () => void }) {
  const { t } = useTranslation('apiKeys');
  const line = `curl -H "Authorization: Bearer ${key}" ${location.origin}${apiBase}${tries}`;
  return (
    <Stack>
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('onlyNow')}
      </Alert>
      <CopyBlock label={t('key')} value={key} />
      <CopyBlock label={t('tryIt')} value={line} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('saved')}</Button>
      </Group>
    </Stack>
  );
}
