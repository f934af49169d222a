import { Group, Kbd, Modal, Stack, Switch, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useShortcutsEnabled } from './shortcuts';

const MAC = /mac|iphone|ipad/i.test(navigator.userAgent);
export const PALETTE_KEYS = MAC ? '⌘ K' : 'Ctrl K';

export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [enabled, setEnabled] = useShortcutsEnabled();
  const keys = [
    [PALETTE_KEYS, t('keys.palette')],
    ['/', t('keys.search')],
    ['n', t('keys.create')],
    ['?', t('keys.help')],
  ] as const;
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="xs">
        {keys.map(([key, meaning]) => (
          <Group key={key} justify="space-between">
            <Text size="sm">{meaning}</Text>
            <Kbd>{key}</Kbd>
          </Group>
        ))}
        <Switch
          mt="sm"
          label={t('keys.turnOff')}
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
      </Stack>
    </Modal>
  );
}
