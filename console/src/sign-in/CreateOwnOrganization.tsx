import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { createOrganization } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Lets users create an organization of their own, whose admin they become. */
export function CreateOwnOrganization({ opened, onClose }: Props) {
  const { t } = useTranslation('signIn');
  return (
    <Modal opened={opened} onClose={onClose} title={t('choice.createTitle')} withCloseButton={false}>
      <NewOrganizationForm onClose={onClose} />
    </Modal>
  );
}

function NewOrganizationForm({ onClose }: Pick<Props, 'onClose'>) {
  const { t } = useTranslation(['signIn', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const model = useServerForm({
    initialValues: { name: '', slug: '' },
    send: async ({ name, slug }) => {
      const { data } = await createOrganization({ body: { name, ...(slug && { slug }) } });
      void queries.invalidateQueries({ queryKey: ['own-organizations'] });
      await navigate({ to: '/o/$slug', params: { slug: data.slug } });
    },
  });
  const { form, sending } = model;
  return (
    <ServerForm model={model} labels={{}}>
      <TextInput
        label={t('name')}
        maxLength={120}
        required
        withAsterisk={false}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput
        label={t('choice.slug')}
        description={t('choice.slugText')}
        maxLength={50}
        {...form.getInputProps('slug')}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending}>
          {t('choice.create')}
        </Button>
      </Group>
    </ServerForm>
  );
}
