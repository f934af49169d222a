import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { deleteRole, type RoleView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isRefusal } from '../api/problem';
import { DangerDialog } from '../frame/DangerDialog';
import { toast } from '../frame/toast';
import { rolesOf, useRoleName } from '../members/grants';
import { useRefreshPeople } from '../members/useChangeMember';

interface Props {
  orgId: string;
  role: RoleView;
  onClose: () => void;
  onDeleted: () => void;
}

/** Deletes a custom role. A role that is in use needs another one in its place. */
export function DeleteRole({ orgId, role, onClose, onDeleted }: Props) {
  const { t } = useTranslation('roles');
  const roleName = useRoleName();
  const refresh = useRefreshPeople(orgId);
  const [replacement, setReplacement] = useState<string | null>(null);
  const [isInUse, setInUse] = useState(false);
  const others = (useQuery(rolesOf(orgId)).data ?? []).filter(
    ({ id, kind, grantable }) => kind !== 'built_in' && grantable && id !== role.id,
  );
  const act = async () => {
    try {
      await deleteRole({
        path: { orgId, roleId: role.id },
        query: { ...(replacement && { replacementRoleId: replacement }) },
      });
    } catch (error) {
      if (isRefusal(error, 'roles.in_use')) setInUse(true);
      throw error;
    }
    toast(t('deleted', { role: role.name }));
    onDeleted();
    await refresh();
  };
  return (
    <DangerDialog opened onClose={onClose} title={t('deleteTitle', { role: role.name })} verb={t('delete')} act={act}>
      <Text size="sm">{t('deleteText')}</Text>
      {isInUse && (
        <Select
          label={t('replacement')}
          data={others.map((one) => ({ value: one.id, label: roleName(one) }))}
          value={replacement}
          onChange={setReplacement}
          searchable
        />
      )}
    </DangerDialog>
  );
}
