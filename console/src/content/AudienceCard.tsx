import { MultiSelect, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ContentAudienceMode, type ContentDocumentView, getOrganization } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { useOrganizationSearch } from '../frame/OrganizationSwitcher';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import type { DocumentLevel } from './level';

const MODES = ['all', 'only', 'except'] as const satisfies readonly ContentAudienceMode[];
/** Names are asked for one by one. Longer audiences show the ids of the rest. */
const NAMED = 30;

interface Values extends Record<string, unknown> {
  mode: ContentAudienceMode;
  organizationIds: string[];
}

interface Props {
  level: DocumentLevel;
  document: ContentDocumentView;
  mayEdit: boolean;
  onSaved: (document: ContentDocumentView) => void;
}

/** Which organizations receive a document. A change applies at once. */
export function AudienceCard({ level, document, mayEdit, onSaved }: Props) {
  const { t } = useTranslation('documents');
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: document.audience,
    etag: document.etag,
    fieldOf: (code) => (code === 'content.unknown_organization' ? 'organizationIds' : undefined),
    send: async ({ mode, organizationIds }, etag) => {
      const audience = { mode, organizationIds: mode === 'all' ? [] : organizationIds };
      const saved = await level.update(document.id, { audience }, etag);
      form.setInitialValues(saved.audience);
      form.setValues(saved.audience);
      form.resetDirty(saved.audience);
      onSaved(saved);
    },
    current: async () => {
      const { audience, etag } = await level.get(document.id);
      return { values: audience, etag };
    },
  });
  const { form } = model;
  const { mode, organizationIds } = form.getValues();
  return (
    <Card title={t('audience')}>
      <ServerForm
        model={model}
        labels={{ mode: t('audienceMode'), organizationIds: t('organizations') }}
        guard
        onDone={() => toast(t('audienceSaved'))}
      >
        <Select
          label={t('audienceMode')}
          data={MODES.map((value) => ({ value, label: t(`audienceModes.${value}`) }))}
          allowDeselect={false}
          disabled={!mayEdit}
          {...form.getInputProps('mode')}
        />
        {mode !== 'all' && (
          <OrganizationPicker
            value={organizationIds}
            error={typeof form.errors.organizationIds === 'string' ? form.errors.organizationIds : undefined}
            disabled={!mayEdit}
            onChange={(ids) => form.setFieldValue('organizationIds', ids)}
          />
        )}
        <Stack gap="xs">
          <Text size="xs" c="dimmed">
            {t('audienceText')}
          </Text>
          {mayEdit && <FormActions model={model} />}
        </Stack>
      </ServerForm>
    </Card>
  );
}

interface PickerProps {
  value: string[];
  onChange: (ids: string[]) => void;
  error: string | undefined;
  disabled: boolean;
}

function OrganizationPicker({ value, onChange, error, disabled }: PickerProps) {
  const { t } = useTranslation('documents');
  const [typed, setTyped] = useState('');
  const [known, setKnown] = useState<Record<string, string>>({});
  const found = useOrganizationSearch(typed, true).data ?? [];
  const named = useQuery({
    queryKey: ['organizations', 'names', value.slice(0, NAMED)],
    queryFn: async ({ signal }) => {
      const answers = await Promise.allSettled(
        value.slice(0, NAMED).map((orgId) => getOrganization({ path: { orgId }, signal })),
      );
      return Object.fromEntries(
        answers.flatMap((one) => (one.status === 'fulfilled' ? [[one.value.data.id, one.value.data.name]] : [])),
      );
    },
    enabled: value.length > 0,
    staleTime: 60_000,
  }).data;
  const chosen = value.map((id) => ({ value: id, label: known[id] ?? named?.[id] ?? id }));
  const offered = found
    .filter(({ id }) => !value.includes(id))
    .map(({ id, name, slug }) => ({ value: id, label: name, slug }));
  return (
    <MultiSelect
      label={t('organizations')}
      placeholder={t('searchOrganizations')}
      data={[...chosen, ...offered]}
      value={value}
      error={error}
      disabled={disabled}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has searched by name, slug and ID.
      filter={({ options }) => options}
      hidePickedOptions
      clearable
      maxDropdownHeight={220}
      nothingFoundMessage={t('noOrganization')}
      onChange={(ids) => {
        setKnown((before) => ({ ...before, ...Object.fromEntries(found.map(({ id, name }) => [id, name])) }));
        onChange(ids);
      }}
    />
  );
}
