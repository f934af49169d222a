import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import CircleUser from 'lucide-react/icons/circle-user';
import Keyboard from 'lucide-react/icons/keyboard';
import LogOut from 'lucide-react/icons/log-out';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { session } from '../api/session';
import classes from './AccountMenu.module.css';
import { usePreferences } from '../account/usePreferences';
import { type Language, LANGUAGES } from '../i18n';
import { initialsOf } from './initials';

const SCHEMES = ['light', 'dark', 'auto'] as const;

export function AccountMenu({ onKeyboardHelp }: { onKeyboardHelp: () => void }) {
  const { t, i18n } = useTranslation();
  const account = useAccount();
  const { colorScheme } = useMantineColorScheme();
  const save = usePreferences();
  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton aria-label={t('frame.accountMenu')} style={{ borderRadius: '50%' }}>
          <Avatar size={30} color="brand">
            {/* Shown by the style sheet, because they are no part of the button's name. */}
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
        <Menu.Item component={Link} to="/account" leftSection={<CircleUser size={15} />}>
          {t('frame.account')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('frame.colorScheme')}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => void save({ colorScheme: scheme as 'auto' })}>
          {SCHEMES.map((scheme) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              {t(`frame.${scheme}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>{t('frame.language')}</Menu.Label>
        <Menu.RadioGroup value={i18n.language} onChange={(language) => void save({ language: language as Language })}>
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
