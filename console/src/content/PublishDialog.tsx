import { Button, Group, Modal, Switch, Text, TextInput } from '@mantine/core';
import type { ContentDocumentView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import type { DocumentLevel } from './level';

const { timeZone: deviceZone } = new Intl.DateTimeFormat().resolvedOptions();

interface Props {
  level: DocumentLevel;
  document: ContentDocumentView;
  onClose: () => void;
  onPublished: () => Promise<unknown>;
}

/** Publishes the newest version, now or later. */
export function PublishDialog({ level, document, onClose, onPublished }: Props) {
  const { t } = useTranslation(['documents', 'common']);
  const [later, setLater] = useState(false);
  const { id, version, title, audience } = document;
  const model = useServerForm<{ at: string }>({
    mode: 'controlled',
    initialValues: { at: '' },
    send: async ({ at }) => {
      await level.publish(id, { version, ...(later && at && { at: new Date(at).toISOString() }) });
      toast(t(later ? 'scheduledToast' : 'publishingToast', { title }));
      await onPublished();
    },
  });
  const { form, sending } = model;
  return (
    <Modal opened onClose={onClose} title={t('publishTitle', { title, version })} withCloseButton={false}>
      <ServerForm model={model} labels={{ at: t('publishAt') }} onDone={onClose}>
        <Text size="sm">{t(`publishText.${audience.mode}`, { count: audience.organizationIds.length })}</Text>
        <Switch label={t('publishLater')} checked={later} onChange={(event) => setLater(event.currentTarget.checked)} />
        {later && (
          <TextInput
            type="datetime-local"
            label={t('publishAt')}
            description={t('deviceTime', { zone: deviceZone })}
            required
            {...form.getInputProps('at')}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" loading={sending} disabled={later && form.getValues().at === ''}>
            {t(later ? 'schedule' : 'publish')}
          </Button>
        </Group>
      </ServerForm>
    </Modal>
  );
}
