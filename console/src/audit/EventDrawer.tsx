import { Anchor, Code, Drawer, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../frame/CopyButton';
import { EmptyState } from '../frame/EmptyState';
import { ProblemAlert } from '../frame/Problem';
import { useFormat } from '../i18n/useFormat';
import { Facts } from '../members/Facts';
import type { AuditEntry, AuditFilter } from './level';
import { useAuditText, useEventTypeName } from './naming';

interface Props {
  opened: boolean;
  /** Undefined while it loads, null if there is no such event. */
  entry: AuditEntry | null | undefined;
  error: Error | null;
  onClose: () => void;
  onFilter: (filter: AuditFilter) => void;
}

/** Everything that the log holds about one event, with the fields before and after. */
export function EventDrawer({ opened, entry, error, onClose, onFilter }: Props) {
  const { t } = useTranslation(['audit', 'common']);
  const textOf = useAuditText();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={
        <Text component="span" fz="lg" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {entry ? textOf(entry) : t('event')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {entry && <Details entry={entry} onFilter={onFilter} />}
      {entry === undefined && (error ? <ProblemAlert error={error} /> : <Skeleton h={240} />)}
      {entry === null && <EmptyState title={t('noEventTitle')} text={t('noEventText')} />}
    </Drawer>
  );
}

function Details({ entry, onFilter }: { entry: AuditEntry; onFilter: Props['onFilter'] }) {
  const { t } = useTranslation(['audit', 'events']);
  const format = useFormat();
  const typeName = useEventTypeName();
  const { actor, subject, names, before, after } = entry;
  const actorName = (actor.id && names[actor.id]) ?? t(`events:actor.${actor.type as 'user'}`);
  const only = (filter: AuditFilter) => (
    <Anchor component="button" type="button" size="sm" onClick={() => onFilter(filter)}>
      {t('only')}
    </Anchor>
  );
  const copied = (value: string, label: string) => (
    <Group gap={4} wrap="nowrap">
      <Text inherit style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      <CopyButton value={value} label={label} />
    </Group>
  );
  return (
    <Stack gap="lg">
      <Facts
        items={[
          { label: t('when'), value: format.dateTime(entry.occurredAt) },
          {
            label: t('type'),
            value: (
              <Group gap="xs">
                {typeName(entry.type)} <Code>{entry.type}</Code>
              </Group>
            ),
          },
          {
            label: t('actor'),
            value: (
              <Group gap="xs">
                {actorName} {actor.id && only({ actorId: actor.id })}
              </Group>
            ),
          },
          {
            label: t('subject'),
            value: (
              <Group gap="xs">
                {names[subject.id] ?? subject.type} {only({ subjectId: subject.id })}
              </Group>
            ),
          },
          { label: t('subjectId'), value: copied(subject.id, t('subjectId')) },
          { label: t('ip'), value: entry.ip ?? '–' },
          { label: t('requestId'), value: copied(entry.requestId, t('requestId')) },
          { label: t('seq'), value: format.number(entry.seq) },
          { label: t('hash'), value: copied(entry.hash, t('hash')) },
        ]}
      />
      <Stack gap="xs">
        <Title order={2}>{t('changes')}</Title>
        {before || after ? (
          <Changes before={before ?? {}} after={after ?? {}} />
        ) : (
          <Text size="sm" c="dimmed">
            {t('noChanges')}
          </Text>
        )}
      </Stack>
    </Stack>
  );
}

const shown = (value: unknown): string =>
  value === undefined || value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

function Changes({ before, after }: { before: Record<string, unknown>; after: Record<string, unknown> }) {
  const { t } = useTranslation('audit');
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return (
    <Table layout="fixed" style={{ overflowWrap: 'anywhere' }}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('field')}</Table.Th>
          <Table.Th>{t('before')}</Table.Th>
          <Table.Th>{t('after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((field) => (
          <Table.Tr key={field}>
            <Table.Th scope="row" fw={500}>
              {field}
            </Table.Th>
            <Table.Td c="dimmed">{shown(before[field])}</Table.Td>
            <Table.Td>{shown(after[field])}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
