import { CloseButton, Group, Kbd, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import Search from 'lucide-react/icons/search';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAX_SEARCH_LENGTH } from '../api/pages';
import { PageHeader } from './PageHeader';
import { useShortcut } from './shortcuts';

interface Props {
  title: string;
  description?: ReactNode;
  searchLabel: string;
  /** What the address says. */
  q: string;
  /** Replaces the address, so that Back does not lead through every letter. */
  onSearch: (q: string) => void;
  /** Tabs that are links, and filters. */
  filters?: ReactNode;
  actions?: ReactNode;
  /** What `n` does. */
  onCreate?: (() => void) | undefined;
  /** How many rows match. */
  count?: string | undefined;
  /** An EmptyState instead of the table. */
  empty?: ReactNode;
  children: ReactNode;
}

const REST_MS = 150;

/** The frame of every list: title and actions, search (`/`), filters and count. */
export function ListPage(props: Props) {
  const { title, description, searchLabel, q, onSearch, filters, actions, onCreate, count, empty, children } = props;
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  // Letters show at once. The address, and with it the request, follows when the user stops typing.
  const [typed, setTyped] = useState(q);
  const [applied, setApplied] = useState(q);
  const apply = useDebouncedCallback((value: string) => {
    setApplied(value);
    onSearch(value);
  }, REST_MS);
  // Back and links change the address too. What the user typed since then must not be replaced by their own search.
  const [last, setLast] = useState(q);
  if (last !== q) {
    setLast(q);
    if (q !== applied) {
      setApplied(q);
      setTyped(q);
    }
  }
  useShortcut('/', () => input.current?.select());
  useShortcut('n', onCreate);
  const search = (value: string) => {
    const shortened = value.slice(0, MAX_SEARCH_LENGTH);
    setTyped(shortened);
    apply(shortened);
  };
  return (
    <Stack gap={0}>
      <PageHeader title={title} description={description} actions={actions} />
      <Group gap="sm" mb="sm" justify="space-between">
        <Group gap="sm" style={{ flex: '1 1 20rem', minWidth: 0 }}>
          {filters}
          <TextInput
            ref={input}
            type="search"
            size="sm"
            aria-label={searchLabel}
            placeholder={searchLabel}
            leftSection={<Search size={15} />}
            rightSection={
              typed ? (
                <CloseButton size="sm" aria-label={t('clearSearch')} onClick={() => search('')} />
              ) : (
                <Kbd size="xs" aria-hidden visibleFrom="sm">
                  /
                </Kbd>
              )
            }
            value={typed}
            onChange={(event) => search(event.currentTarget.value)}
            style={{ flex: '1 1 14rem', maxWidth: '22rem' }}
          />
        </Group>
        <Text size="sm" c="dimmed" role="status" className="tabular">
          {count}
        </Text>
      </Group>
      {empty ?? children}
    </Stack>
  );
}
