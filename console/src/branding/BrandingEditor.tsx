import { Button, ColorInput, FileButton, Input, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import type { BrandingField } from '@trellis/client';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Refused } from '../api/problem';
import { Card } from '../frame/Card';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { Tabs } from '../frame/Tabs';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useServerForm } from '../frame/useServerForm';
import { pictureUrl } from '../start';
import classes from './BrandingEditor.module.css';
import {
  type BrandingDraft,
  COLORS,
  draftOf,
  draftValue,
  FIELDS,
  isSetHere,
  type Logo,
  patchOf,
  weakContrast,
} from './fields';
import { type BrandingLevel, brandingQuery } from './level';
import { Preview } from './Preview';
import { type PreviewKind, PREVIEWS } from './search';
import { SettingField } from './SettingField';

interface Props {
  level: BrandingLevel;
  canEdit: boolean;
  preview: PreviewKind;
}

const LOGO_TYPES = 'image/png,image/jpeg,image/webp,image/svg+xml';

/** The form beside its preview. Saving sends only what changed. “Reset” and uploads take effect at once. */
export function BrandingEditor({ level, canEdit, preview }: Props) {
  const { t } = useTranslation(['branding', 'common']);
  const textOf = useProblemText();
  const queries = useQueryClient();
  const { data: view } = useSuspenseQuery(brandingQuery(level));
  const [busy, setBusy] = useState<BrandingField | null>(null);
  const model = useServerForm<BrandingDraft>({
    mode: 'controlled',
    initialValues: draftOf(view),
    etag: view.etag,
    send: async (draft, ifMatch) => {
      const { data } = await level.edit(
        patchOf(draft, (path) => form.isDirty(path)),
        ifMatch,
      );
      adopt(data, []);
    },
    current: async () => {
      const { data } = await level.read();
      queries.setQueryData(level.queryKey, data);
      return { values: draftOf(data), etag: data.etag };
    },
  });
  const { form } = model;
  const draft = form.getValues();
  const labelOf = (field: BrandingField) => t(`fields.${field}`);

  /** Shows the state of the server. Fields in `keep` hold what the user typed. */
  function adopt(next: typeof view, keep: BrandingField[]) {
    queries.setQueryData(level.queryKey, next);
    // The set-up lists tick what was done here.
    void queries.invalidateQueries({
      predicate: ({ queryKey: [name] }) => name === 'operator-overview' || name === 'organization-overview',
    });
    const saved = draftOf(next);
    form.setInitialValues(saved);
    form.resetDirty(saved);
    form.setValues(saved);
    for (const field of keep) form.setFieldValue(field, draftValue(draft, field));
  }

  /** Runs what takes effect at once, without touching what the user typed in other fields. */
  async function actOn(field: BrandingField, act: () => Promise<{ data: typeof view }>, done: string) {
    if (busy) return;
    setBusy(field);
    form.clearFieldError(field);
    try {
      const { data } = await act();
      adopt(
        data,
        FIELDS.filter((one) => one !== field && form.isDirty(one)),
      );
      toast(done);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      form.setFieldError(field, textOf(error));
    } finally {
      setBusy(null);
    }
  }

  const sourceOf = (field: BrandingField): string => {
    const locked = view.locked[field];
    if (locked) return t('source.locked', { name: locked.name ?? '' });
    if (form.isDirty(field)) return t('source.unsaved');
    if (isSetHere(view, field)) return t('source.here');
    const source = view.sources[field];
    if (source?.derived) return t(`source.derived.${source.level === 'organization' ? 'organization' : 'operator'}`);
    return source?.name ? t('source.inherited', { name: source.name }) : t('source.system');
  };

  const lockOf = (field: BrandingField) =>
    !canEdit || view.locked[field]
      ? undefined
      : {
          locked: draft.locks.includes(field),
          text: t(`locks.${level.kind}.${draft.locks.includes(field) ? 'on' : 'off'}`),
          toggle: () =>
            form.setFieldValue(
              'locks',
              (draft.locks.includes(field)
                ? draft.locks.filter((one) => one !== field)
                : [...draft.locks, field]
              ).sort(),
            ),
        };

  const fieldOf = (field: BrandingField, input: ReactNode) => (
    <SettingField
      key={field}
      field={field}
      label={labelOf(field)}
      onReset={
        canEdit && isSetHere(view, field)
          ? () => void actOn(field, () => level.reset(field, view.etag), t('resetDone', { field: labelOf(field) }))
          : undefined
      }
      lock={lockOf(field)}
      weak={weakContrast(draft, field)}
    >
      {input}
    </SettingField>
  );

  const inputOf = (field: BrandingField) => ({
    label: labelOf(field),
    description: sourceOf(field),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
    disabled: !canEdit || field in view.locked || busy === field,
    ...form.getInputProps(field),
  });

  const text = (field: BrandingField, type: 'text' | 'email' | 'url' = 'text', help?: string) => {
    const input = inputOf(field);
    return fieldOf(
      field,
      <TextInput
        type={type}
        placeholder={type === 'url' ? 'https://' : undefined}
        autoComplete="off"
        {...input}
        description={help ? `${help} ${input.description}` : input.description}
      />,
    );
  };

  const color = (field: BrandingField) =>
    fieldOf(field, <ColorInput format="hex" withEyeDropper={false} autoComplete="off" {...inputOf(field)} />);

  const logo = (field: Logo) => {
    const dark = field === 'dark.logoUrl';
    const url = draftValue(draft, field);
    const { disabled } = inputOf(field);
    return fieldOf(
      field,
      <Input.Wrapper
        id={`branding-${field}`}
        label={labelOf(field)}
        description={sourceOf(field)}
        error={form.errors[field]}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      >
        <div className={classes.logo}>
          <div
            className={classes.plate}
            style={{ background: dark ? draft.dark.backgroundColor : draft.backgroundColor }}
          >
            {url ? (
              <img src={pictureUrl(url)} alt="" />
            ) : (
              <Text size="xs" c={dark ? draft.dark.textColor : draft.textColor}>
                {t('noLogo')}
              </Text>
            )}
          </div>
          <Input
            id={`branding-${field}`}
            type="url"
            placeholder="https://"
            autoComplete="off"
            flex={1}
            miw={0}
            disabled={disabled}
            {...form.getInputProps(field, { withError: false })}
          />
          <FileButton
            accept={LOGO_TYPES}
            inputProps={{ 'aria-label': `${t('upload')}: ${labelOf(field)}` }}
            disabled={disabled}
            onChange={(file) =>
              file &&
              void actOn(field, () => level.upload(file, field, view.etag), t('uploaded', { field: labelOf(field) }))
            }
          >
            {(props) => (
              <Button
                {...props}
                variant="default"
                disabled={disabled}
                loading={busy === field}
                aria-label={`${t('upload')}: ${labelOf(field)}`}
              >
                {t('upload')}
              </Button>
            )}
          </FileButton>
        </div>
      </Input.Wrapper>,
    );
  };

  const labels = Object.fromEntries([...FIELDS.map((field) => [field, labelOf(field)]), ['locks', t('lock')]]);
  return (
    <div className={classes.layout}>
      <ServerForm model={model} labels={labels} guard onDone={() => toast(t('saved'))}>
        {!canEdit && (
          <Text size="sm" c="dimmed">
            {t('readOnly')}
          </Text>
        )}
        <Card title={t('sections.identity')}>
          <Stack>
            {text('displayName')}
            {logo('logoUrl')}
            {logo('dark.logoUrl')}
            {logo('iconUrl')}
          </Stack>
        </Card>
        <Card title={t('sections.colors')}>
          <Stack>
            <div className={classes.pair}>{COLORS.map(color)}</div>
            {fieldOf(
              'themeMode',
              <Input.Wrapper
                label={labelOf('themeMode')}
                labelElement="div"
                description={sourceOf('themeMode')}
                error={form.errors.themeMode}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
              >
                <div>
                  <SegmentedControl
                    aria-label={labelOf('themeMode')}
                    data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: t(`modes.${value}`) }))}
                    disabled={!canEdit || 'themeMode' in view.locked}
                    value={draft.themeMode}
                    onChange={(value) => form.setFieldValue('themeMode', value)}
                  />
                </div>
              </Input.Wrapper>,
            )}
          </Stack>
        </Card>
        <Card title={t('sections.dark')}>
          <div className={classes.pair}>{COLORS.map((one) => color(`dark.${one}`))}</div>
        </Card>
        <Card title={t('sections.contact')}>
          <Stack>
            {text('mailFromName')}
            {text('appUrl', 'url', t('help.appUrl'))}
            <div className={classes.pair}>
              {text('supportEmail', 'email')}
              {text('supportUrl', 'url')}
              {text('termsUrl', 'url')}
              {text('privacyUrl', 'url')}
            </div>
          </Stack>
        </Card>
        {canEdit && (
          <div className={classes.actions}>
            <FormActions model={model} />
          </div>
        )}
      </ServerForm>
      <section className={classes.preview} aria-label={t('preview.title')}>
        <Stack gap="sm">
          <Tabs
            label={t('preview.title')}
            tabs={PREVIEWS.map((value) => ({ value, label: t(`preview.tabs.${value}`) }))}
            active={preview}
            search={(before: object, value) => ({ ...before, preview: value === 'sign-in' ? undefined : value })}
          />
          <Preview draft={draft} kind={preview} />
        </Stack>
      </section>
    </div>
  );
}
