import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../frame/PageHeader';
import tabClasses from '../frame/Tabs.module.css';
import classes from './account.module.css';

const PAGES = [
  { to: '/account', text: 'profile' },
  { to: '/account/security', text: 'security' },
  { to: '/account/organizations', text: 'organizations' },
  { to: '/account/notifications', text: 'notifications' },
  { to: '/account/sessions', text: 'sessions' },
] as const;

/** A page of the user's own account, with links to the others. */
export function AccountPage({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation('account');
  const tabs = useRef<HTMLElement>(null);
  // Narrow screens do not show all tabs.
  useEffect(() => {
    // Returns a promise in recent browsers, which is no cleanup.
    tabs.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <>
      <PageHeader title={title} />
      <nav ref={tabs} aria-label={t('title')} className={tabClasses.tabs}>
        {PAGES.map(({ to, text }) => (
          <Link
            key={to}
            to={to}
            className={tabClasses.tab}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ 'data-active': 'true' }}
          >
            {t(`tabs.${text}`)}
          </Link>
        ))}
      </nav>
      <div className={classes.page} style={{ marginTop: '1rem' }}>
        {children}
      </div>
    </>
  );
}
