import { Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createUnit, getUnit, type UnitView, updateUnit } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { isStaff, useAccount } from '../api/access';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';

interface Props {
  orgId: string;
  opened: boolean;
  /** Undefined for a new unit. */
  unit?: UnitView;
  onClose: () => void;
  onDone: (unit: UnitView) => void;
}

export function UnitForm({ opened, onClose, unit, ...rest }: Props) {
  const { t } = useTranslation('units');
  return (
    <Modal opened={opened} onClose={onClose} title={unit ? t('edit') : t('new')} withCloseButton={false}>
      <Form unit={unit} onClose={onClose} {...rest} />
    </Modal>
  );
}

const valuesOf = ({ name, slug, externalId, description }: UnitView) => ({
  name,
  slug,
  externalId: externalId ?? '',
  description: description ?? '',
});

function Form({ orgId, unit, onClose, onDone }: Omit<Props, 'opened' | 'unit'> & { unit: UnitView | undefined }) {
  const { t } = useTranslation(['units', 'common']);
  const queries = useQueryClient();
  const staff = isStaff(useAccount());
  const labels = { name: t('name'), slug: t('slug'), externalId: t('externalId'), description: t('description') };
  const model = useServerForm({
    initialValues: unit ? valuesOf(unit) : { name: '', slug: '', externalId: '', description: '' },
    etag: unit?.etag,
    send: async ({ name, slug, externalId, description }, ifMatch) => {
      const shared = { name, externalId: externalId || null, description: description || null };
      const { data } = unit
        ? await updateUnit({
            path: { orgId, unitId: unit.id },
            body: { ...shared, ...(slug !== unit.slug && { slug }) },
            headers: { ...(ifMatch && { 'If-Match': ifMatch }) },
          })
        : await createUnit({ path: { orgId }, body: { ...shared, ...(slug && { slug }) } });
      toast(unit ? t('saved', { name: data.name }) : t('created', { name: data.name }));
      await queries.invalidateQueries({ queryKey: ['units', orgId] });
      onDone(data);
    },
    ...(unit && {
      current: async () => {
        const { data } = await getUnit({ path: { orgId, unitId: unit.id } });
        return { values: valuesOf(data), etag: data.etag };
      },
    }),
  });
  const { form, sending } = model;
  return (
    <ServerForm model={model} labels={labels} guard="dialog">
      <TextInput label={labels.name} required data-autofocus {...form.getInputProps('name')} />
      {(!unit || staff) && (
        <TextInput
          label={labels.slug}
          description={unit ? t('slugEdit') : t('slugText')}
          {...form.getInputProps('slug')}
        />
      )}
      <TextInput label={labels.externalId} description={t('externalIdText')} {...form.getInputProps('externalId')} />
      <Textarea label={labels.description} autosize minRows={2} {...form.getInputProps('description')} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending} disabled={unit !== undefined && !form.isDirty()}>
          {unit ? t('common:save') : t('create')}
        </Button>
      </Group>
    </ServerForm>
  );
}
