import { Alert, Button, Group, Menu, Pill, Select, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ChainView, EventType } from '@trellis/client';
import ChevronDown from 'lucide-react/icons/chevron-down';
import ScrollText from 'lucide-react/icons/scroll-text';
import ShieldCheck from 'lucide-react/icons/shield-check';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { CopyButton } from '../frame/CopyButton';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListTable } from '../frame/ListTable';
import { PageHeader } from '../frame/PageHeader';
import { saveFile } from '../frame/saveFile';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import type { Column } from '../frame/VirtualTable';
import { useFormat } from '../i18n/useFormat';
import { EventDrawer } from './EventDrawer';
import {
  type AuditEntry,
  auditEvent,
  type AuditFilter,
  auditLog,
  type AuditLevel,
  type AuditSearch,
  exportAudit,
  verifyAudit,
} from './level';
import { matchingTypes, type TypeGroup, useAuditText, useEventTypeName, useEventTypes } from './naming';

interface Props {
  level: AuditLevel;
  search: AuditSearch;
  /** Changes the address. */
  onSearch: (change: AuditSearch) => void;
  /** Begins the names of exported files. */
  fileName: string;
}

/** The audit log of an organization or of the operator. */
export function AuditPage({ level, search, onSearch, fileName }: Props) {
  const { t } = useTranslation('audit');
  const format = useFormat();
  const textOf = useAuditText();
  const typeName = useEventTypeName();
  const problemText = useProblemText();
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const { event: open, ...filter } = search;
  const list = useList(auditLog(level, filter));
  const listed = list.rows.find(({ id }) => id === open);
  const linked = useQuery({
    ...auditEvent(level, open ?? ''),
    enabled: open !== undefined && !listed && !list.query.isPending,
  });
  const fail = (error: unknown) => toast(problemText(error), { error: true });
  const verification = useMutation({ mutationFn: () => verifyAudit(level), onError: fail });
  const file = useMutation({
    mutationFn: async (as: 'csv' | 'ndjson') =>
      saveFile(await exportAudit(level, filter, as), `${fileName}-audit.${as}`),
    onError: fail,
  });
  const filtered = Object.keys(filter).length > 0;
  const columns: Column<AuditEntry>[] = [
    {
      key: 'what',
      header: t('what'),
      width: narrow ? 'minmax(0, 1fr)' : 'minmax(9rem, 4fr)',
      cell: (entry) => (
        <RouteAnchor
          to="."
          search={((before: AuditSearch) => ({ ...before, event: entry.id })) as never}
          c="var(--mantine-color-text)"
          title={textOf(entry)}
        >
          {/* Sentences begin alike, and a narrow column shows nothing but the beginning. */}
          {narrow ? typeName(entry.type) : textOf(entry)}
        </RouteAnchor>
      ),
    },
    {
      key: 'type',
      header: t('type'),
      width: 'minmax(8rem, 2fr)',
      cell: ({ type }) => (
        <Text inherit c="dimmed" truncate="end" title={type}>
          {typeName(type)}
        </Text>
      ),
      wide: true,
    },
    { key: 'ip', header: t('ip'), width: '8rem', cell: ({ ip }) => ip ?? '–', wide: true },
    {
      key: 'when',
      header: t('when'),
      width: narrow ? '6.5rem' : '11rem',
      cell: ({ occurredAt }) => (
        <time dateTime={occurredAt} title={format.dateTime(occurredAt)}>
          {narrow ? format.date(occurredAt) : format.dateTime(occurredAt)}
        </time>
      ),
      numeric: true,
    },
  ];
  return (
    <>
      <PageHeader
        title={t('title')}
        description={t('description')}
        actions={
          <>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" rightSection={<ChevronDown size={14} />} loading={file.isPending}>
                  {t('export')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => file.mutate('csv')}>{t('csv')}</Menu.Item>
                <Menu.Item onClick={() => file.mutate('ndjson')}>{t('ndjson')}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
            <Button
              variant="default"
              leftSection={<ShieldCheck size={15} />}
              loading={verification.isPending}
              onClick={() => verification.mutate()}
            >
              {t('verify')}
            </Button>
          </>
        }
      />
      <div role="status">{verification.data && <Verification chain={verification.data} />}</div>
      <Filters
        filter={filter}
        names={list.rows[0]?.names ?? {}}
        onFilter={onSearch}
        count={list.total === undefined ? undefined : t('count', { count: list.total })}
      />
      <ListTable
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <EmptyState
            icon={<ScrollText size={20} />}
            title={t('noneTitle')}
            text={filtered ? t('noneText') : t('emptyText')}
            action={
              filtered && (
                <Button variant="default" onClick={() => onSearch(NO_FILTER)}>
                  {t('clear')}
                </Button>
              )
            }
          />
        }
      />
      <EventDrawer
        opened={open !== undefined}
        entry={listed ?? linked.data}
        error={linked.error}
        onClose={() => onSearch({ event: undefined })}
        onFilter={(only) => onSearch({ ...NO_FILTER, ...only, event: undefined })}
      />
    </>
  );
}

const NO_FILTER = { type: undefined, actorId: undefined, subjectId: undefined, from: undefined, to: undefined };

interface FiltersProps {
  filter: AuditFilter;
  names: Record<string, string>;
  onFilter: (filter: AuditFilter) => void;
  count: string | undefined;
}

function Filters({ filter, names, onFilter, count }: FiltersProps) {
  const { t } = useTranslation(['audit', 'common']);
  const types = useEventTypes();
  const { type, actorId, subjectId, from = '', to = '' } = filter;
  const chip = (key: 'actorId' | 'subjectId', id: string | undefined) =>
    id && (
      <Pill
        size="md"
        withRemoveButton
        removeButtonProps={{ 'aria-label': t('clear'), 'aria-hidden': false, tabIndex: 0 }}
        onRemove={() => onFilter({ [key]: undefined })}
      >
        {t(key === 'actorId' ? 'by' : 'about', { name: names[id] ?? id.slice(0, 8) })}
      </Pill>
    );
  return (
    <Group gap="sm" mb="sm" align="flex-end">
      <Select
        aria-label={t('type')}
        placeholder={t('allTypes')}
        data={types}
        value={type ?? null}
        onChange={(value) => onFilter({ type: (value ?? undefined) as EventType | undefined })}
        searchable
        filter={({ options, search }) => matchingTypes(options as TypeGroup[], search)}
        nothingFoundMessage={t('noType')}
        clearable
        clearButtonProps={{ 'aria-label': t('clear') }}
        w={{ base: '100%', xs: 280 }}
      />
      <Group gap="sm" miw={0}>
        {(['from', 'to'] as const).map((key) => (
          <Group key={key} gap={6} wrap="nowrap" component="label" miw={0}>
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {t(key)}
            </Text>
            <TextInput
              type="date"
              miw={0}
              value={key === 'from' ? from : to}
              onChange={({ currentTarget: { value } }) => onFilter({ [key]: value || undefined })}
            />
          </Group>
        ))}
      </Group>
      {chip('actorId', actorId)}
      {chip('subjectId', subjectId)}
      <Text size="sm" c="dimmed" role="status" className="tabular" ml="auto">
        {count}
      </Text>
    </Group>
  );
}

/** Says whether the log is as it was written. */
function Verification({ chain }: { chain: ChainView }) {
  const { t } = useTranslation('audit');
  const format = useFormat();
  const { valid, events, firstInvalidSeq, problem, anchoredSeq, head } = chain;
  return (
    <Alert
      mb="md"
      color={valid ? 'green' : 'red'}
      variant="light"
      c="var(--mantine-color-text)"
      icon={valid ? <ShieldCheck size={18} /> : <TriangleAlert size={18} />}
      title={valid ? t('intact', { count: events }) : t('broken')}
    >
      {valid ? (
        <>
          <Text size="sm">
            {anchoredSeq === null ? t('notAnchored') : t('anchored', { seq: format.number(anchoredSeq) })}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {t('head', { head })}
            </Text>
            <CopyButton value={head} label={t('hash')} />
          </Group>
        </>
      ) : (
        <Text size="sm">
          {problem && t(`problem.${problem}`)}
          {firstInvalidSeq !== null && ` ${t('firstInvalid', { seq: format.number(firstInvalidSeq) })}`}
        </Text>
      )}
    </Alert>
  );
}
