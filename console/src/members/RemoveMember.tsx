import { List, Text } from '@mantine/core';
import { type OrganizationMemberView, removeMember } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { DangerDialog } from '../frame/DangerDialog';
import { toast } from '../frame/toast';
import { useRefreshPeople } from './useChangeMember';

interface Props {
  organization: { id: string; name: string };
  /** Null while the dialog is closed. */
  member: OrganizationMemberView | null;
  onClose: () => void;
  onRemoved?: () => void;
}

/** Says what the removal of a member means, then removes them. */
export function RemoveMember({ organization, member, onClose, onRemoved }: Props) {
  const { t } = useTranslation(['members', 'membership']);
  const refresh = useRefreshPeople(organization.id);
  if (!member) return null;
  const { name, userId } = member;
  const act = async () => {
    await removeMember({ path: { orgId: organization.id, userId } });
    toast(t('removed', { name }));
    onRemoved?.();
    await refresh();
  };
  return (
    <DangerDialog opened onClose={onClose} title={t('removeTitle', { name })} verb={t('remove')} act={act}>
      <Text size="sm">{t('removeText', { organization: organization.name })}</Text>
      <List size="sm" spacing={4}>
        <List.Item>{t('removeUnits')}</List.Item>
        <List.Item>{t('removeStays')}</List.Item>
        <List.Item>{t('removeKeys')}</List.Item>
        <List.Item>{t('removeBack')}</List.Item>
      </List>
    </DangerDialog>
  );
}
