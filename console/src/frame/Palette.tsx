import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import Building2 from 'lucide-react/icons/building-2';
import LogOut from 'lucide-react/icons/log-out';
import Search from 'lucide-react/icons/search';
import SunMoon from 'lucide-react/icons/sun-moon';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { session } from '../api/session';
import { contains } from './contains';
import { useNavigation } from './navigation';
import { useOrganizationSearch } from './OrganizationSwitcher';

const [store, palette] = createSpotlight();

interface Entry {
  id: string;
  label: string;
  description?: string;
  icon: ReactNode;
  run: () => void;
}

/** Goes to organizations and pages, and runs actions, by keyboard. Loaded when it is opened first. */
export default function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { slug, here, operator } = useNavigation();
  const { toggleColorScheme } = useMantineColorScheme();
  const [q, setQ] = useState('');
  const organizations = useOrganizationSearch(q, opened);
  useEffect(() => (opened ? palette.open() : palette.close()), [opened]);

  const matches = (label: string) => contains(label, q);
  const pages: Entry[] = [...new Set([...here, ...operator])]
    .map(({ to, label, icon: Icon }) => ({
      id: to,
      label: t(label),
      icon: <Icon size={16} />,
      run: () => void navigate({ to, params: { slug } } as never),
    }))
    .filter(({ label }) => matches(label));
  const found: Entry[] = (organizations.data ?? []).slice(0, 8).map((one) => ({
    id: one.id,
    label: one.name,
    description: [one.slug, one.externalId].filter(Boolean).join(' · '),
    icon: <Building2 size={16} />,
    run: () => void navigate({ to: '/o/$slug', params: { slug: one.slug } }),
  }));
  const actions: Entry[] = [
    { id: 'scheme', label: t('frame.colorScheme'), icon: <SunMoon size={16} />, run: toggleColorScheme },
    { id: 'sign-out', label: t('frame.signOut'), icon: <LogOut size={16} />, run: () => void session.signOut() },
  ].filter(({ label }) => matches(label));
  const groups = [
    { label: t('palette.pages'), entries: pages },
    { label: t('palette.organizations'), entries: found },
    { label: t('palette.actions'), entries: actions },
  ].filter(({ entries }) => entries.length > 0);

  return (
    <Spotlight.Root
      store={store}
      query={q}
      onQueryChange={setQ}
      onSpotlightClose={onClose}
      shortcut={null}
      attributes={{ content: { 'aria-label': t('frame.openPalette') } }}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder={t('palette.placeholder')}
        aria-label={t('palette.placeholder')}
        leftSection={<Search size={16} />}
      />
      <Spotlight.ActionsList>
        {groups.map(({ label, entries }) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {entries.map((entry) => (
              <Spotlight.Action
                key={entry.id}
                label={entry.label}
                description={entry.description}
                leftSection={entry.icon}
                onClick={entry.run}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>{t('palette.nothing')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
