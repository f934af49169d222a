import { ActionIcon, Button, Checkbox, Group, Paper, Select, Stack, Text, TextInput } from '@mantine/core';
import Plus from 'lucide-react/icons/plus';
import Trash2 from 'lucide-react/icons/trash-2';
import { useTranslation } from 'react-i18next';
import { ValueInput } from './ValueInput';
import { FIELD_TYPES, type FieldDraft, type FieldType, newRow } from './text';

interface Props {
  fields: FieldDraft[];
  onChange: (fields: FieldDraft[]) => void;
  /** Returns what is wrong with a part of the row at an index. */
  errorOf: (index: number, part: 'name' | 'default') => string | undefined;
  disabled: boolean;
}

/** Edits the fields of a document, which organizations may override. */
export function FieldRows({ fields, onChange, errorOf, disabled }: Props) {
  const { t } = useTranslation('documents');
  const change = (row: string, part: Partial<FieldDraft>) =>
    onChange(fields.map((field) => (field.row === row ? { ...field, ...part } : field)));
  const add = () => onChange([...fields, { row: newRow(), name: '', type: 'text', value: '', locked: false }]);
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={500}>
          {t('fields')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('fieldsText')}
        </Text>
      </div>
      {fields.map((field, index) => (
        <Paper key={field.row} withBorder p="sm" component="fieldset" aria-label={field.name || t('newField')}>
          <Stack gap="xs">
            <Group gap="xs" align="flex-start" wrap="nowrap">
              <TextInput
                label={t('fieldName')}
                placeholder="NOTICE_PERIOD"
                value={field.name}
                error={errorOf(index, 'name')}
                disabled={disabled}
                spellCheck={false}
                autoComplete="off"
                style={{ flex: 1 }}
                onChange={(event) =>
                  change(field.row, { name: event.currentTarget.value.toUpperCase().replace(/[\s-]+/g, '_') })
                }
              />
              <Select
                label={t('fieldType')}
                data={FIELD_TYPES.map((value) => ({ value, label: t(`types.${value}`) }))}
                value={field.type}
                allowDeselect={false}
                disabled={disabled}
                w={130}
                onChange={(type) => change(field.row, { type: type as FieldType })}
              />
              {!disabled && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  mt={26}
                  size="lg"
                  aria-label={t('removeField', { name: field.name })}
                  onClick={() => onChange(fields.filter(({ row }) => row !== field.row))}
                >
                  <Trash2 size={16} />
                </ActionIcon>
              )}
            </Group>
            <ValueInput
              label={t('default')}
              type={field.type}
              value={field.value}
              error={errorOf(index, 'default')}
              disabled={disabled}
              onChange={(value) => change(field.row, { value })}
            />
            <Checkbox
              label={t('locked')}
              checked={field.locked}
              disabled={disabled}
              onChange={(event) => change(field.row, { locked: event.currentTarget.checked })}
            />
          </Stack>
        </Paper>
      ))}
      {!disabled && (
        <div>
          <Button variant="default" size="compact-sm" leftSection={<Plus size={14} />} onClick={add}>
            {t('addField')}
          </Button>
        </div>
      )}
    </Stack>
  );
}
