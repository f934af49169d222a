import { Button, Group, Modal, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { addUnitMember, listMembers, type Role } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useRoleName } from '../members/grants';

interface Props {
  orgId: string;
  unit: { id: string; name: string };
  /** Roles that the user may give in the unit. */
  offered: readonly Role[];
  opened: boolean;
  onClose: () => void;
}

/** Adds a member of the organization to a unit. */
export function AddUnitMember({ opened, onClose, ...rest }: Props) {
  const { t } = useTranslation('units');
  return (
    <Modal opened={opened} onClose={onClose} title={t('addMember')} withCloseButton={false}>
      <Form onClose={onClose} {...rest} />
    </Modal>
  );
}

function Form({ orgId, unit, offered, onClose }: Omit<Props, 'opened'>) {
  const { t } = useTranslation(['units', 'membership', 'common']);
  const roleName = useRoleName();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const members = useQuery({
    queryKey: ['members', orgId, 'picker', q],
    queryFn: async ({ signal }) => {
      const query = { sort: 'name', limit: 50, ...(q && { q }) } as const;
      return (await listMembers({ path: { orgId }, query, signal })).data.items;
    },
    placeholderData: keepPreviousData,
  }).data;
  const model = useServerForm({
    initialValues: { userId: '', role: 'user' as Role },
    send: async (body) => {
      const { data } = await addUnitMember({ path: { orgId, unitId: unit.id }, body });
      toast(t('memberAdded', { name: data.name, unit: unit.name }));
      await Promise.all(['unit-members', 'member'].map((key) => queries.invalidateQueries({ queryKey: [key, orgId] })));
    },
  });
  const { form, sending } = model;
  const chosen = form.getValues().userId;
  return (
    <ServerForm model={model} labels={{}} guard="dialog" onDone={onClose}>
      <Select
        label={t('member')}
        placeholder={t('memberSearch')}
        data={(members ?? []).map(({ userId, name, email }) => ({ value: userId, label: `${name} (${email})` }))}
        // The server searched already, also in other spellings.
        filter={({ options }) => options}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        nothingFoundMessage={t('memberNone')}
        data-autofocus
        {...form.getInputProps('userId')}
      />
      <Select
        label={t('membership:roleLabel')}
        data={offered.map((key) => ({ value: key, label: roleName({ key, name: key }) }))}
        allowDeselect={false}
        {...form.getInputProps('role')}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending} disabled={!chosen}>
          {t('addMember')}
        </Button>
      </Group>
    </ServerForm>
  );
}
