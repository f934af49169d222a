import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import type { ContentDocumentView, ContentFormat, CreateContentVersion } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { useServerForm, type Version } from '../frame/useServerForm';
import { AttachmentRows } from './AttachmentRows';
import { FieldRows } from './FieldRows';
import { type AttachmentDraft, type FieldDraft, FORMATS, newRow, toDraft, toInput, WrongValueError } from './text';

interface Values extends Record<string, unknown> {
  title: string;
  key: string;
  format: ContentFormat;
  body: string;
  fields: FieldDraft[];
  attachments: AttachmentDraft[];
}

const EMPTY: Values = { title: '', key: '', format: 'markdown', body: '', fields: [], attachments: [] };

const valuesOf = ({ title, key, format, body, fields, attachments }: ContentDocumentView): Values => ({
  title,
  key,
  format,
  body,
  fields: fields.map(toDraft),
  attachments: attachments.map((one) => ({ ...one, row: newRow() })),
});

export type DocumentBody = CreateContentVersion & { title: string; body: string; key?: string };

interface Props {
  /** Undefined for a new document. */
  document?: ContentDocumentView;
  readOnly?: boolean;
  /** Sends the text, and returns the document as it is stored. */
  send: (body: DocumentBody, etag: string | undefined) => Promise<ContentDocumentView>;
  reload?: () => Promise<ContentDocumentView>;
  onDone?: (document: ContentDocumentView) => void;
}

/** The text of a document: title, body, fields and attachments. */
export function DocumentForm({ document, readOnly = false, send, reload, onDone }: Props) {
  const { t } = useTranslation(['documents', 'common']);
  const [saved, setSaved] = useState<ContentDocumentView | null>(null);
  const model = useServerForm<Values>({
    mode: 'controlled',
    initialValues: document ? valuesOf(document) : EMPTY,
    validate: {
      fields: (fields) => (fields.some(isWrong) ? t('wrongValues') : null),
    },
    etag: (saved ?? document)?.etag,
    fieldOf: (code) => ({ 'content.key_taken': 'key' as const, 'content.invalid_json': 'body' as const })[code],
    send: async ({ title, key, format, body, fields, attachments }, etag) => {
      const sent = await send(
        {
          title,
          format,
          body,
          ...(!document && key.trim() && { key: key.trim() }),
          fields: fields.map(toInput),
          attachments: attachments.map(({ name, url }) => ({ name, url })),
        },
        etag,
      );
      setSaved(sent);
      const stored = valuesOf(sent);
      form.setInitialValues(stored);
      form.setValues(stored);
      form.resetDirty(stored);
    },
    ...(reload && {
      current: async (): Promise<Version<Values>> => {
        const data = await reload();
        return { values: valuesOf(data), etag: data.etag };
      },
    }),
  });
  const { form, sending } = model;
  const { fields, attachments, format } = form.getValues();
  const labels = {
    title: t('documentTitle'),
    key: t('key'),
    format: t('format'),
    body: t('body'),
    fields: t('fields'),
    attachments: t('attachments'),
  };
  const errorAt = (path: string) => (typeof form.errors[path] === 'string' ? form.errors[path] : undefined);
  return (
    <ServerForm
      model={model}
      labels={labels}
      guard={document ? true : 'dialog'}
      onDone={() => saved && onDone?.(saved)}
    >
      <TextInput
        label={labels.title}
        required
        maxLength={200}
        readOnly={readOnly}
        data-autofocus
        {...form.getInputProps('title')}
      />
      <Group grow align="flex-start">
        {!document && (
          <TextInput
            label={labels.key}
            description={t('keyText')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('key')}
          />
        )}
        <Select
          label={labels.format}
          data={FORMATS.map((value) => ({ value, label: t(`formats.${value}`) }))}
          allowDeselect={false}
          disabled={readOnly}
          {...form.getInputProps('format')}
        />
      </Group>
      <Textarea
        label={labels.body}
        description={t('bodyText')}
        required
        autosize
        minRows={10}
        maxRows={30}
        readOnly={readOnly}
        spellCheck={format !== 'json'}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...form.getInputProps('body')}
      />
      <FieldRows
        fields={fields}
        disabled={readOnly}
        errorOf={(index, part) =>
          errorAt(`fields.${index}.${part}`) ??
          (part === 'default' && form.errors.fields && fields[index] && isWrong(fields[index])
            ? t('wrongValue')
            : undefined)
        }
        onChange={(next) => form.setFieldValue('fields', next)}
      />
      <AttachmentRows
        attachments={attachments}
        disabled={readOnly}
        errorOf={(index, part) => errorAt(`attachments.${index}.${part}`)}
        onChange={(next) => form.setFieldValue('attachments', next)}
      />
      {!readOnly &&
        (document ? (
          <FormActions model={model} />
        ) : (
          <div>
            <Button type="submit" loading={sending}>
              {t('create')}
            </Button>
          </div>
        ))}
    </ServerForm>
  );
}

function isWrong(field: FieldDraft): boolean {
  try {
    toInput(field);
    return false;
  } catch (error) {
    if (error instanceof WrongValueError) return true;
    throw error;
  }
}
