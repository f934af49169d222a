import { Button, Code, Drawer, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { AccessRuleView } from '@trellis/client';
import UserCheck from 'lucide-react/icons/user-check';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { DangerDialog } from '../frame/DangerDialog';
import { EmptyState } from '../frame/EmptyState';
import { RouteAnchor } from '../frame/links';
import { ListTable } from '../frame/ListTable';
import { PageHeader } from '../frame/PageHeader';
import { useShortcut } from '../frame/shortcuts';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import type { Column } from '../frame/VirtualTable';
import { useRoleName } from '../members/grants';
import { useActionsColumn } from '../members/RowActions';
import { AccessRuleForm, type RuleChoices } from './AccessRuleForm';
import type { RuleLevel } from './level';

interface Props {
  level: RuleLevel;
  description: string;
  choices: RuleChoices;
  mayEdit: boolean;
  /** The rule in the drawer, or `new`. */
  open: string | undefined;
  show: (rule: string | undefined) => void;
}

/** Access rules of an organization or of the operator. */
export function AccessRulesPage({ level, description, choices, mayEdit, open, show }: Props) {
  const { t } = useTranslation(['accessRules', 'membership', 'common']);
  const roleName = useRoleName();
  const queries = useQueryClient();
  const [deleting, setDeleting] = useState<AccessRuleView | null>(null);
  const list = useList(level.list);
  const create = () => show('new');
  useShortcut('n', mayEdit ? create : undefined);

  const actions = useActionsColumn<AccessRuleView>(
    '5rem',
    ({ name }) => name,
    (rule) => [{ label: t('delete'), run: () => setDeleting(rule) }],
  );
  const columns: Column<AccessRuleView>[] = [
    {
      key: 'name',
      header: t('name'),
      width: 'minmax(8rem, 1.5fr)',
      cell: ({ id, name }) =>
        mayEdit ? (
          <RouteAnchor to="." search={{ rule: id } as never} fw={500} c="var(--mantine-color-text)">
            {name}
          </RouteAnchor>
        ) : (
          name
        ),
    },
    {
      key: 'when',
      header: t('when'),
      width: 'minmax(10rem, 3fr)',
      cell: ({ when }) => (
        <Code title={when} style={{ whiteSpace: 'nowrap' }}>
          {when}
        </Code>
      ),
      wide: true,
    },
    {
      key: 'then',
      header: t('membership:roleLabel'),
      width: '7rem',
      cell: ({ then }) => roleName({ key: then.role, name: then.role }),
      wide: true,
    },
    {
      key: 'status',
      header: t('status'),
      width: '6rem',
      cell: ({ enabled }) => (
        <StatusBadge tone={enabled ? 'good' : 'neutral'}>{enabled ? t('on') : t('off')}</StatusBadge>
      ),
    },
    ...(mayEdit ? [actions] : []),
  ];

  const rule = list.rows.find(({ id }) => id === open);
  const newRule = mayEdit && <Button onClick={create}>{t('new')}</Button>;
  return (
    <>
      <PageHeader title={t('title')} description={description} actions={newRule} />
      <ListTable
        label={t('title')}
        list={list}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon={<UserCheck size={20} />} title={t('emptyTitle')} text={t('emptyText')} action={newRule} />
        }
      />
      <Drawer
        opened={mayEdit && (open === 'new' || rule !== undefined)}
        onClose={() => show(undefined)}
        position="right"
        size="lg"
        title={
          <Text component="span" fz="lg" fw={600}>
            {rule?.name ?? t('new')}
          </Text>
        }
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        <AccessRuleForm key={rule?.id} level={level} choices={choices} rule={rule} onDone={() => show(undefined)} />
      </Drawer>
      {deleting && (
        <DangerDialog
          opened
          onClose={() => setDeleting(null)}
          title={t('deleteTitle', { name: deleting.name })}
          verb={t('delete')}
          act={async () => {
            await level.remove(deleting.id);
            toast(t('deleted', { name: deleting.name }));
            await queries.invalidateQueries({ queryKey: level.list.queryKey });
          }}
        >
          <Text size="sm">{t('deleteText')}</Text>
        </DangerDialog>
      )}
    </>
  );
}
