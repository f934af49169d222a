import { Button, Combobox, Loader, Text, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { listOrganizations, listOwnOrganizations } from '@trellis/client';
import ChevronsUpDown from 'lucide-react/icons/chevrons-up-down';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Frame.module.css';
import { isStaff, useAccount } from '../api/access';
import { useCurrentOrganization } from '../api/organization';
import { MAX_SEARCH_LENGTH } from '../api/pages';

interface Found {
  id: string;
  name: string;
  slug: string;
  externalId: string | null;
}

/** As many as fit without scrolling. */
const SHOWN = 8;

/** Searches organizations on the server, which may be many thousands. Members search among their own. */
export function useOrganizationSearch(q: string, enabled: boolean) {
  const staff = isStaff(useAccount());
  const [rested] = useDebouncedValue(q.trim().slice(0, MAX_SEARCH_LENGTH), 150);
  return useQuery({
    queryKey: ['organization-search', staff, rested],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Found[]> => {
      const query = { limit: SHOWN, ...(rested && { q: rested }) };
      const list = staff ? listOrganizations({ query, signal }) : listOwnOrganizations({ query, signal });
      return (await list).data.items;
    },
  });
}

export function OrganizationSwitcher() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const staff = isStaff(useAccount());
  const { slug } = useParams({ strict: false });
  const current = useCurrentOrganization();
  const [q, setQ] = useState('');
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      combobox.focusTarget();
      setQ('');
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const found = useOrganizationSearch(q, combobox.dropdownOpened);
  const open = (chosen: string) => {
    combobox.closeDropdown();
    void (chosen === '' ? navigate({ to: '/organizations' }) : navigate({ to: '/o/$slug', params: { slug: chosen } }));
  };
  return (
    <Combobox store={combobox} width={320} position="bottom-start" withinPortal onOptionSubmit={open}>
      <Combobox.Target withAriaAttributes={false}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          c="var(--mantine-color-text)"
          fw={500}
          rightSection={<ChevronsUpDown size={14} />}
          // Begins with what it does, and contains what it shows.
          aria-label={[t('frame.switchOrganization'), current?.name].filter(Boolean).join(': ')}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          onClick={() => combobox.toggleDropdown()}
          className={classes.switcher}
        >
          <Text span inherit truncate dir="auto">
            {current?.name ?? t('frame.switchOrganization')}
          </Text>
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={q}
          onChange={(event) => {
            setQ(event.currentTarget.value);
            combobox.resetSelectedOption();
          }}
          placeholder={t('frame.searchOrganizations')}
          aria-label={t('frame.searchOrganizations')}
          rightSection={found.isFetching && <Loader size={14} />}
        />
        <Combobox.Options aria-label={t('frame.switchOrganization')}>
          {found.data?.map((one) => (
            <Combobox.Option key={one.id} value={one.slug} active={one.slug === slug}>
              <Text size="sm" truncate>
                {one.name}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {[one.slug, one.externalId].filter(Boolean).join(' · ')}
              </Text>
            </Combobox.Option>
          ))}
          {found.data?.length === 0 && <Combobox.Empty>{t('frame.noOrganization')}</Combobox.Empty>}
        </Combobox.Options>
        {staff && (
          <Combobox.Footer>
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              fullWidth
              justify="flex-start"
              onClick={() => open('')}
            >
              {t('frame.allOrganizations')}
            </Button>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}
