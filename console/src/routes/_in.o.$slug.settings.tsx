import { Button, Divider, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { getOrganization, type OrganizationView, updateOrganization } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isStaff, useAccount, useCanIn } from '../api/access';
import { organizationBySlug } from '../api/organization';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { PageHeader } from '../frame/PageHeader';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { loadTexts } from '../i18n';
import { DeleteDialog } from '../organizations/DeleteDialog';
import { useLifecycle } from '../organizations/lifecycle';
import { start } from '../start';

type Dialog = 'suspend' | 'delete';

export const Route = createFileRoute('/_in/o/$slug/settings')({
  validateSearch: ({ dialog }: Record<string, unknown>): { dialog?: Dialog | undefined } =>
    dialog === 'suspend' || dialog === 'delete' ? { dialog } : {},
  loader: () => loadTexts('organizationSettings', 'lifecycle'),
  component: Settings,
});

function Settings() {
  const { t } = useTranslation('organizationSettings');
  const { organization } = Route.useRouteContext();
  return (
    <Stack gap="lg" maw={720}>
      <div>
        <PageHeader title={t('title')} description={t('description', { name: organization.name })} />
        <General key={organization.id} organization={organization} />
      </div>
      <DangerZone organization={organization} />
    </Stack>
  );
}

interface Values extends Record<string, unknown> {
  name: string;
  externalId: string;
  slug: string;
  description: string;
}

const valuesOf = ({ name, externalId, slug, description }: OrganizationView): Values => ({
  name,
  externalId: externalId ?? '',
  slug,
  description: description ?? '',
});

function General({ organization }: { organization: OrganizationView }) {
  const { t } = useTranslation(['organizationSettings', 'common']);
  const navigate = Route.useNavigate();
  const queries = useQueryClient();
  const staff = isStaff(useAccount());
  const can = useCanIn(organization.id);
  const canEdit = can(requires.updateOrganization) && organization.status !== 'pending_deletion';
  const { id: orgId } = organization;
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: valuesOf(organization),
    etag: organization.etag,
    send: async (values, ifMatch) => {
      const body = Object.fromEntries(
        Object.keys(values)
          .filter((field) => form.isDirty(field))
          .map((field) => [field, values[field] || null]),
      );
      const { data } = await updateOrganization({ path: { orgId }, body, headers: { 'If-Match': ifMatch ?? '*' } });
      form.setInitialValues(valuesOf(data));
      form.resetDirty(valuesOf(data));
      form.setValues(valuesOf(data));
      queries.setQueryData(organizationBySlug(data.slug, staff).queryKey, data);
      await queries.invalidateQueries({ queryKey: ['organizations'] });
      // The slug is part of the address, and the pages take the organization from it.
      await navigate({ to: '/o/$slug/settings', params: { slug: data.slug }, replace: true, ignoreBlocker: true });
    },
    current: async () => {
      const { data } = await getOrganization({ path: { orgId } });
      return { values: valuesOf(data), etag: data.etag };
    },
  });
  const { form } = model;
  const labels = {
    name: t('name'),
    externalId: t('externalId'),
    slug: t('slug'),
    description: t('text'),
  };
  const operator = start.operator.name;
  return (
    <Card title={t('general')}>
      <ServerForm model={model} labels={labels} guard onDone={() => toast(t('saved'))}>
        <TextInput label={labels.name} disabled={!canEdit} autoComplete="off" {...form.getInputProps('name')} />
        <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
          <TextInput
            label={labels.externalId}
            description={staff ? t('externalIdText') : t('byOperator', { operator })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            disabled={!canEdit || !staff}
            autoComplete="off"
            {...form.getInputProps('externalId')}
          />
          <TextInput
            label={labels.slug}
            description={staff ? t('slugText') : t('byOperator', { operator })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            disabled={!canEdit || !staff}
            autoComplete="off"
            {...form.getInputProps('slug')}
          />
        </Group>
        <Textarea
          label={labels.description}
          autosize
          minRows={2}
          maxRows={8}
          disabled={!canEdit}
          {...form.getInputProps('description')}
        />
        {canEdit && <FormActions model={model} />}
      </ServerForm>
    </Card>
  );
}

function DangerZone({ organization }: { organization: OrganizationView }) {
  const { t } = useTranslation(['organizationSettings', 'common']);
  const navigate = Route.useNavigate();
  const { dialog } = Route.useSearch();
  const can = useCanIn(organization.id);
  const staff = isStaff(useAccount());
  const lifecycle = useLifecycle();
  const open = (next: Dialog | undefined) => void navigate({ search: { dialog: next } });
  const { name, status } = organization;

  const canSuspend = can(requires.suspendOrganization) && status !== 'pending_deletion';
  const canDelete = can(requires.deleteOrganization) && status !== 'pending_deletion';
  const canRestore = can(requires.restoreOrganization) && status === 'pending_deletion';
  if (!canSuspend && !canDelete && !canRestore) return null;
  return (
    <Card title={t('danger')}>
      <Stack gap="md">
        {canSuspend && status === 'active' && (
          <DangerRow title={t('suspend.title')} text={t('suspend.text')}>
            <Button variant="default" onClick={() => open('suspend')}>
              {t('suspend.verb')}
            </Button>
          </DangerRow>
        )}
        {canSuspend && status === 'suspended' && (
          <DangerRow title={t('resume.title')} text={t('resume.text')}>
            <Button variant="default" onClick={() => void lifecycle.resume(organization)}>
              {t('resume.verb')}
            </Button>
          </DangerRow>
        )}
        {canSuspend && canDelete && <Divider />}
        {canDelete && (
          <DangerRow title={t('delete.verb')} text={t('delete.text')}>
            <Button variant="default" c="var(--app-danger)" onClick={() => open('delete')}>
              {t('delete.verb')}
            </Button>
          </DangerRow>
        )}
        {canRestore && (
          <DangerRow title={t('restore.title')} text={t('restore.text')}>
            <Button variant="default" onClick={() => void lifecycle.restore(organization)}>
              {t('restore.verb')}
            </Button>
          </DangerRow>
        )}
      </Stack>
      <DangerDialog
        opened={dialog === 'suspend' && canSuspend}
        onClose={() => open(undefined)}
        title={t('suspend.ask', { name })}
        verb={t('suspend.verb')}
        act={() => lifecycle.suspend(organization)}
      >
        <Text size="sm">{t('suspend.effect')}</Text>
      </DangerDialog>
      <DeleteDialog
        organization={organization}
        opened={dialog === 'delete' && canDelete}
        onClose={() => open(undefined)}
        onDeleted={() => {
          lifecycle.sayDeleted(organization);
          void (staff
            ? navigate({ to: '/organizations', search: { status: 'inactive' } })
            : navigate({ to: '/', replace: true }));
        }}
      />
    </Card>
  );
}

const DangerRow = ({ title, text, children }: { title: string; text: string; children: ReactNode }) => (
  <Group justify="space-between" gap="md">
    <Stack gap={0} flex="1 1 16rem">
      <Text fw={500}>{title}</Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Stack>
    {children}
  </Group>
);
