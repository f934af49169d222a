import { Avatar, type MantineColorScheme, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import Keyboard from 'lucide-react/icons/keyboard';
import LogOut from 'lucide-react/icons/log-out';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { session } from '../api/session';
import classes from './AccountMenu.module.css';
import { type Language, LANGUAGES, setLanguage } from '../i18n';

/** Shown by the style sheet, because they are no part of the button's name. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? '')][0] ?? '').join('');
}

const SCHEMES = ['light', 'dark', 'auto'] as const;

export function AccountMenu({ onKeyboardHelp }: { onKeyboardHelp: () => void }) {
  const { t, i18n } = useTranslation();
  const account = useAccount();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton aria-label={t('frame.accountMenu')} style={{ borderRadius: '50%' }}>
          <Avatar size={30} color="brand">
            <span className={classes.initials} data-initials={initialsOf(account?.name ?? '')} />
          </Avatar>
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
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {SCHEMES.map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t(`frame.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t('frame.language')}</Menu.Label>
        <Menu.RadioGroup value={i18n.language} onChange={(language) => void setLanguage(language as Language)}>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <Menu.RadioItem key={code} value={code} lang={code}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
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
