import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import Check from 'lucide-react/icons/check';
import Keyboard from 'lucide-react/icons/keyboard';
import LogOut from 'lucide-react/icons/log-out';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { session } from '../api/session';
import { type Language, LANGUAGES, setLanguage } from '../i18n';

const SCHEMES = ['light', 'dark', 'auto'] as const;

export function AccountMenu({ onKeyboardHelp }: { onKeyboardHelp: () => void }) {
  const { t, i18n } = useTranslation();
  const account = useAccount();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const chosen = (is: boolean) => (is ? <Check size={14} aria-hidden /> : undefined);
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t('frame.accountMenu')} style={{ borderRadius: '50%' }}>
          <Avatar name={account?.name ?? ''} size={30} color="brand" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={500} c="var(--mantine-color-text)" truncate>
            {account?.name}
          </Text>
          <Text size="xs" truncate>
            {account?.email}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>{t('frame.colorScheme')}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            closeMenuOnClick={false}
            rightSection={chosen(colorScheme === scheme)}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`frame.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('frame.language')}</Menu.Label>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <Menu.Item
            key={code}
            lang={code}
            role="menuitemradio"
            aria-checked={i18n.language === code}
            rightSection={chosen(i18n.language === code)}
            onClick={() => void setLanguage(code as Language)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Keyboard size={15} />} onClick={onKeyboardHelp}>
          {t('frame.keyboardHelp')}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={15} />} onClick={() => void session.signOut()}>
          {t('frame.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
