import { Select, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldType } from './text';

interface Props {
  label: string;
  type: FieldType;
  value: string;
  onChange: (value: string) => void;
  description?: ReactNode;
  error?: string | undefined;
  disabled?: boolean;
}

const MONOSPACE = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

/** Edits the value of a field by its type. */
export function ValueInput({ type, value, onChange, ...rest }: Props) {
  const { t } = useTranslation('documents');
  if (type === 'boolean')
    return (
      <Select
        {...rest}
        data={[
          { value: 'true', label: t('yes') },
          { value: 'false', label: t('no') },
        ]}
        value={value || null}
        placeholder={t('noValue')}
        clearable
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  if (type === 'markdown' || type === 'json')
    return (
      <Textarea
        {...rest}
        value={value}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={type === 'markdown'}
        {...(type === 'json' && { styles: MONOSPACE })}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  return (
    <TextInput
      {...rest}
      value={value}
      autoComplete="off"
      {...(type === 'number' && { inputMode: 'decimal' as const })}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
