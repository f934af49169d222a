import { ActionIcon, AppShell, Burger, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useNetwork } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import Search from 'lucide-react/icons/search';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccountPreferences } from '../account/usePreferences';
import { AccountMenu } from './AccountMenu';
import { Brand } from './Brand';
import classes from './Frame.module.css';
import { KeyboardHelp, PALETTE_KEYS } from './KeyboardHelp';
import { RouteNavLink } from './links';
import { useNavigation } from './navigation';
import { OrganizationSwitcher } from './OrganizationSwitcher';
import { SessionEndedDialog } from './SessionEndedDialog';
import { useFocusKeeper } from './useFocusKeeper';
import { useShortcut } from './shortcuts';
import { useSessionState } from './useSession';

const Toasts = lazy(() => import('./Toasts'));
const Palette = lazy(() => import('./Palette'));

/** Header, navigation and dialogs around every page behind sign-in. */
export function Frame() {
  const { t } = useTranslation();
  const [menu, { toggle, close }] = useDisclosure();
  const [help, helpControl] = useDisclosure();
  // Loaded when it is opened for the first time.
  const [palette, setPalette] = useState<'unused' | 'open' | 'closed'>('unused');
  const openPalette = () => setPalette('open');
  useLeaveAfterSignOut();
  useAccountPreferences();
  useFocusOnNavigation();
  useFocusKeeper();
  useShortcut('mod+K', openPalette, { inFields: true });
  useShortcut('shift+?', helpControl.open);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding="lg"
      transitionDuration={120}
    >
      <a href="#content" className="skip">
        {t('frame.skip')}
      </a>
      <AppShell.Header>
        <div className={classes.header}>
          <div className={classes.start}>
            <Burger
              opened={menu}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menu ? t('frame.closeMenu') : t('frame.openMenu')}
            />
            <Link to="/" className={`${classes.brand} ${classes.brandName}`}>
              <Brand />
            </Link>
            <span className={classes.slash} aria-hidden>
              /
            </span>
            <OrganizationSwitcher />
          </div>
          <div className={classes.end}>
            <Tooltip label={`${t('frame.openPalette')} (${PALETTE_KEYS})`}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={t('frame.openPalette')}
                onClick={openPalette}
              >
                <Search size={17} />
              </ActionIcon>
            </Tooltip>
            <AccountMenu onKeyboardHelp={helpControl.open} />
          </div>
        </div>
      </AppShell.Header>
      <AppShell.Navbar p="sm" component="div">
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main>
        <OfflineBar />
        <div id="content" tabIndex={-1} className={classes.main} style={{ outline: 'none' }}>
          <Outlet />
        </div>
      </AppShell.Main>
      <KeyboardHelp opened={help} onClose={helpControl.close} />
      {palette !== 'unused' && (
        <Suspense fallback={null}>
          <Palette opened={palette === 'open'} onClose={() => setPalette('closed')} />
        </Suspense>
      )}
      <Suspense fallback={null}>
        <Toasts />
      </Suspense>
      <SessionEndedDialog />
    </AppShell>
  );
}

function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const { t } = useTranslation();
  const { slug, here, home } = useNavigation();
  return (
    <nav aria-label={t('frame.main')} className={classes.nav}>
      {home && (
        <Text size="xs" c="dimmed" fw={600} px="sm" pb={4} truncate>
          {home}
        </Text>
      )}
      {here.map(({ to, label, icon: Icon, exact }) => (
        <RouteNavLink
          key={to}
          to={to}
          params={{ slug } as never}
          label={t(label)}
          leftSection={<Icon size={16} />}
          className={classes.navLink}
          activeOptions={{ exact: exact ?? false, includeSearch: false }}
          onClick={onNavigate}
        />
      ))}
    </nav>
  );
}

function OfflineBar() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  return <div role="status">{online ? null : <div className={classes.offline}>{t('frame.offline')}</div>}</div>;
}

/** After a sign-out in any tab, nothing of the user stays in sight or in memory. */
function useLeaveAfterSignOut(): void {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signedOut = useSessionState() === 'signed-out';
  useEffect(() => {
    if (!signedOut) return;
    queries.clear();
    void navigate({ to: '/sign-in', search: {}, ignoreBlocker: true });
  }, [signedOut, queries, navigate]);
}

/** Moves the focus to the content after a navigation, so that screen readers read the new page. */
function useFocusOnNavigation(): void {
  // A dialog with an address of its own is on the same page.
  const pathname = useRouterState({ select: ({ location }) => location.pathname.replace(/\/new$/, '') });
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [pathname]);
}
