import { Alert, Select, Skeleton, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { listUnits, renderOrganizationTemplate } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { ProblemAlert } from '../frame/Problem';
import { Markup } from './Markup';

/** A template with the variables of the organization, or of one of its units. */
export function RenderPreview({ orgId, id }: { orgId: string; id: string }) {
  const { t } = useTranslation('received');
  const [unitId, setUnitId] = useState<string | null>(null);
  const units = useQuery({
    queryKey: ['units', orgId, 'preview'],
    queryFn: async ({ signal }) =>
      (await listUnits({ path: { orgId }, query: { status: 'active', sort: 'name', limit: 100 }, signal })).data.items,
  }).data;
  const { data, error } = useQuery({
    queryKey: ['received', orgId, 'template', 'one', id, 'rendered', unitId],
    queryFn: async ({ signal }) => {
      const path = { orgId, documentId: id };
      return (await renderOrganizationTemplate({ path, body: unitId ? { unitId } : {}, signal })).data;
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="sm">
      <Select
        label={t('previewFor')}
        data={(units ?? []).map((unit) => ({ value: unit.id, label: unit.name }))}
        value={unitId}
        placeholder={t('wholeOrganization')}
        clearable
        searchable
        onChange={setUnitId}
        maw={320}
      />
      {error && <ProblemAlert error={error} />}
      {data ? (
        <>
          {data.missing.length > 0 && (
            <Alert variant="light" color="orange">
              {t('missing', { count: data.missing.length, names: data.missing.join(', ') })}
            </Alert>
          )}
          <Card title={data.title}>
            <Markup html={data.html} text={data.body} />
          </Card>
        </>
      ) : (
        !error && <Skeleton h={200} />
      )}
      <Text size="xs" c="dimmed">
        {t('previewText')}
      </Text>
    </Stack>
  );
}
