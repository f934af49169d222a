import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createOrganization, type OrganizationView } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';
import { slugOf } from './slug';

interface Values extends Record<string, unknown> {
  name: string;
  slug: string;
  externalId: string;
  description: string;
  adminEmail: string;
}

interface Props {
  onCreated: (organization: OrganizationView) => void;
  onCancel?: () => void;
}

/** Creates an organization. The slug follows the name until the user edits it. */
export function NewOrganizationForm({ onCreated, onCancel }: Props) {
  const { t } = useTranslation(['newOrganization', 'common']);
  const queries = useQueryClient();
  // Only staff create organizations for others, and number them.
  const forOthers = useCan()(requires.listOrganizations);
  const [ownSlug, setOwnSlug] = useState(false);
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: { name: '', slug: '', externalId: '', description: '', adminEmail: '' },
    validate: { name: (name) => (name.trim() ? null : t('nameMissing')) },
    send: async (values) => {
      const filled = Object.entries(values).filter(([, value]) => value);
      const { data } = await createOrganization({ body: { name: values.name, ...Object.fromEntries(filled) } });
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['organizations'] }),
        queries.invalidateQueries({ queryKey: ['operator-overview'] }),
      ]);
      onCreated(data);
    },
  });
  const { form, sending } = model;
  const labels = {
    name: t('name'),
    slug: t('slug'),
    externalId: t('externalId'),
    description: t('text'),
    adminEmail: t('adminEmail'),
  };
  const order = {
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  };
  return (
    <ServerForm model={model} labels={labels} guard>
      <TextInput
        label={labels.name}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps('name')}
        onChange={({ currentTarget: { value } }) => {
          form.setFieldValue('name', value);
          if (!ownSlug) form.setFieldValue('slug', slugOf(value));
        }}
      />
      <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
        <TextInput
          label={labels.slug}
          description={t('slugText')}
          autoComplete="off"
          {...order}
          {...form.getInputProps('slug')}
          onChange={({ currentTarget: { value } }) => {
            setOwnSlug(value !== '');
            form.setFieldValue('slug', value);
          }}
        />
        {forOthers && (
          <TextInput
            label={labels.externalId}
            description={t('externalIdText')}
            autoComplete="off"
            {...order}
            {...form.getInputProps('externalId')}
          />
        )}
      </Group>
      <Textarea label={labels.description} autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
      {forOthers && (
        <TextInput
          label={labels.adminEmail}
          description={t('adminEmailText')}
          type="email"
          autoComplete="off"
          {...order}
          {...form.getInputProps('adminEmail')}
        />
      )}
      <Stack mt="xs">
        <Group justify="flex-end">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t('common:cancel')}
            </Button>
          )}
          <Button type="submit" loading={sending}>
            {t('submit')}
          </Button>
        </Group>
      </Stack>
    </ServerForm>
  );
}
