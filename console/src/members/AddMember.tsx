import { Button, Group, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { addMember, type Role } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useGrants, useRoleName } from './grants';
import { useRefreshPeople } from './useChangeMember';

interface Props {
  orgId: string;
  opened: boolean;
  onClose: () => void;
}

/** Adds someone who has an account at the operator, without an invitation. */
export function AddMember({ opened, onClose, orgId }: Props) {
  const { t } = useTranslation('members');
  return (
    <Modal opened={opened} onClose={onClose} title={t('add')} withCloseButton={false}>
      <Form orgId={orgId} onClose={onClose} />
    </Modal>
  );
}

function Form({ orgId, onClose }: Omit<Props, 'opened'>) {
  const { t } = useTranslation(['members', 'membership', 'common']);
  const roleName = useRoleName();
  const grants = useGrants(orgId);
  const refresh = useRefreshPeople(orgId);
  const model = useServerForm({
    initialValues: { email: '', role: 'user' as Role, roleIds: [] as string[] },
    send: async (body) => {
      const { data } = await addMember({ path: { orgId }, body });
      toast(t('added', { name: data.name }));
      await refresh();
    },
  });
  const { form, sending } = model;
  return (
    <ServerForm model={model} labels={{}} guard="dialog" onDone={onClose}>
      <TextInput
        label={t('membership:email')}
        description={t('addText')}
        type="email"
        autoComplete="off"
        required
        data-autofocus
        {...form.getInputProps('email')}
      />
      <Select
        label={t('membership:roleLabel')}
        data={grants.forNew.map((key) => ({ value: key, label: roleName({ key, name: key }) }))}
        allowDeselect={false}
        {...form.getInputProps('role')}
      />
      {grants.additional.length > 0 && (
        <MultiSelect
          label={t('membership:additionalRoles')}
          data={grants.additional
            .filter(({ grantable }) => grantable)
            .map((role) => ({ value: role.id, label: roleName(role) }))}
          clearable
          {...form.getInputProps('roleIds')}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending}>
          {t('add')}
        </Button>
      </Group>
    </ServerForm>
  );
}
