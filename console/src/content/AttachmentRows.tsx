import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import Plus from 'lucide-react/icons/plus';
import Trash2 from 'lucide-react/icons/trash-2';
import { useTranslation } from 'react-i18next';
import { type AttachmentDraft, newRow } from './text';

interface Props {
  attachments: AttachmentDraft[];
  onChange: (attachments: AttachmentDraft[]) => void;
  errorOf: (index: number, part: 'name' | 'url') => string | undefined;
  disabled: boolean;
}

/** Edits the links to files that belong to a document. */
export function AttachmentRows({ attachments, onChange, errorOf, disabled }: Props) {
  const { t } = useTranslation('documents');
  const change = (row: string, part: Partial<AttachmentDraft>) =>
    onChange(attachments.map((one) => (one.row === row ? { ...one, ...part } : one)));
  if (disabled && attachments.length === 0) return null;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t('attachments')}
      </Text>
      {attachments.map(({ row, name, url }, index) => (
        <Group key={row} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            aria-label={t('attachmentName')}
            placeholder={t('attachmentName')}
            value={name}
            error={errorOf(index, 'name')}
            disabled={disabled}
            style={{ flex: 1 }}
            onChange={(event) => change(row, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={t('attachmentUrl')}
            placeholder="https://"
            type="url"
            value={url}
            error={errorOf(index, 'url')}
            disabled={disabled}
            style={{ flex: 2 }}
            onChange={(event) => change(row, { url: event.currentTarget.value })}
          />
          {!disabled && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('removeAttachment', { name })}
              onClick={() => onChange(attachments.filter((one) => one.row !== row))}
            >
              <Trash2 size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!disabled && (
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<Plus size={14} />}
            onClick={() => onChange([...attachments, { row: newRow(), name: '', url: '' }])}
          >
            {t('addAttachment')}
          </Button>
        </div>
      )}
    </Stack>
  );
}
