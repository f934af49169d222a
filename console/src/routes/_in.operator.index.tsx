import { NumberInput, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { createFileRoute } from '@tanstack/react-router';
import { getOwnOperator, type OperatorView, replaceOwnOperator } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { Card, FigureCard } from '../frame/Card';
import { RouteAnchor } from '../frame/links';
import { PageHeader } from '../frame/PageHeader';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { loadTexts } from '../i18n';
import { useFormat } from '../i18n/useFormat';
import { FirstSteps } from '../operator/FirstSteps';
import { operatorOverview } from '../operator/overview';
import { Activity } from '../overview/Activity';

const operatorQuery = queryOptions({
  queryKey: ['operator'],
  queryFn: async ({ signal }) => (await getOwnOperator({ signal })).data,
});

export const Route = createFileRoute('/_in/operator/')({
  loader: async ({ context: { queryClient } }) => {
    await Promise.all([
      // Not from the cache: the form must begin with the current version.
      queryClient.fetchQuery(operatorQuery),
      queryClient.ensureQueryData(operatorOverview),
      loadTexts('operator', 'overview', 'events'),
    ]);
  },
  component: Operator,
});

function Operator() {
  const { t } = useTranslation('operator');
  const format = useFormat();
  const { data: operator } = useSuspenseQuery(operatorQuery);
  const { organizations, setUp, activity } = useSuspenseQuery(operatorOverview).data;
  const { active, suspended, pendingDeletion } = organizations;
  return (
    <>
      <PageHeader title={t('title')} description={operator.name} />
      <Stack gap="md" maw={960}>
        {setUp.some(({ done }) => !done) && <FirstSteps steps={setUp} />}
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
          <FigureCard
            label={t('active')}
            value={format.number(active)}
            note={<RouteAnchor to="/organizations">{t('show')}</RouteAnchor>}
          />
          <FigureCard
            label={t('suspended')}
            value={format.number(suspended)}
            note={
              suspended > 0 ? (
                <RouteAnchor to="/organizations" search={{ status: 'suspended' }}>
                  {t('show')}
                </RouteAnchor>
              ) : (
                t('none')
              )
            }
          />
          <FigureCard
            label={t('inactive')}
            value={format.number(pendingDeletion)}
            note={
              pendingDeletion > 0 ? (
                <RouteAnchor to="/organizations" search={{ status: 'inactive' }}>
                  {t('restorable')}
                </RouteAnchor>
              ) : (
                t('none')
              )
            }
          />
        </SimpleGrid>
        <Settings operator={operator} />
        {activity && <Activity events={activity} />}
      </Stack>
    </>
  );
}

interface Values extends Record<string, unknown> {
  name: string;
  timeZone: string;
  supportEmail: string;
  supportUrl: string;
  defaultUnitName: string;
  selfServiceOrganizationLimit: number | string;
  organizationsSetExternalId: boolean;
}

const valuesOf = (operator: OperatorView): Values => ({
  name: operator.name,
  timeZone: operator.timeZone,
  supportEmail: operator.supportEmail ?? '',
  supportUrl: operator.supportUrl ?? '',
  defaultUnitName: operator.defaultUnitName,
  selfServiceOrganizationLimit: operator.selfServiceOrganizationLimit,
  organizationsSetExternalId: operator.organizationsSetExternalId,
});

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function Settings({ operator }: { operator: OperatorView }) {
  const { t } = useTranslation('operator');
  const queries = useQueryClient();
  const canEdit = useCan()(requires.replaceOwnOperator);
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: valuesOf(operator),
    etag: operator.etag,
    send: async (values, ifMatch) => {
      const { data } = await replaceOwnOperator({
        body: {
          ...values,
          supportEmail: values.supportEmail || null,
          supportUrl: values.supportUrl || null,
          selfServiceOrganizationLimit: Number(values.selfServiceOrganizationLimit),
        },
        headers: { 'If-Match': ifMatch ?? '*' },
      });
      form.setInitialValues(valuesOf(data));
      form.resetDirty(valuesOf(data));
      form.setValues(valuesOf(data));
      queries.setQueryData(operatorQuery.queryKey, data);
    },
    current: async () => {
      const { data } = await getOwnOperator();
      return { values: valuesOf(data), etag: data.etag };
    },
  });
  const { form } = model;
  const labels = {
    name: t('fields.name'),
    timeZone: t('fields.timeZone'),
    supportEmail: t('fields.supportEmail'),
    supportUrl: t('fields.supportUrl'),
    defaultUnitName: t('fields.defaultUnitName'),
    selfServiceOrganizationLimit: t('fields.selfServiceOrganizationLimit'),
    organizationsSetExternalId: t('fields.organizationsSetExternalId'),
  };
  const inputOf = (field: keyof typeof labels) => ({
    label: labels[field],
    disabled: !canEdit,
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
    ...form.getInputProps(field),
  });
  return (
    <Card title={t('settings')}>
      <ServerForm model={model} labels={labels} guard onDone={() => toast(t('saved'))}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput autoComplete="off" {...inputOf('name')} />
          <Select
            data={ZONES}
            searchable
            allowDeselect={false}
            description={t('timeZoneText')}
            {...inputOf('timeZone')}
          />
          <TextInput type="email" autoComplete="off" {...inputOf('supportEmail')} />
          <TextInput type="url" placeholder="https://" autoComplete="off" {...inputOf('supportUrl')} />
          <TextInput autoComplete="off" description={t('defaultUnitNameText')} {...inputOf('defaultUnitName')} />
          <NumberInput
            min={0}
            max={1000}
            allowDecimal={false}
            description={t('selfServiceText')}
            {...inputOf('selfServiceOrganizationLimit')}
          />
        </SimpleGrid>
        <Switch
          label={labels.organizationsSetExternalId}
          disabled={!canEdit}
          {...form.getInputProps('organizationsSetExternalId', { type: 'checkbox' })}
        />
        {canEdit && <FormActions model={model} />}
      </ServerForm>
    </Card>
  );
}
