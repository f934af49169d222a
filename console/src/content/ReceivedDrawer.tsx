import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReceivedContentView } from '@trellis/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { DangerDialog } from '../frame/DangerDialog';
import { DetailDrawer } from '../frame/DetailDrawer';
import { toast } from '../frame/toast';
import { AdoptionForm } from './AdoptionForm';
import { Markup } from './Markup';
import type { Received } from './received';
import { RenderPreview } from './RenderPreview';

interface Props {
  orgId: string;
  received: Received;
  id: string | undefined;
  onClose: () => void;
}

/** One document as the organization has it: its text, and what the organization sets. */
export function ReceivedDrawer({ orgId, received, id, onClose }: Props) {
  const { t } = useTranslation('received');
  const { data, error } = useQuery({
    queryKey: [...received.key, 'one', id],
    queryFn: ({ signal }) => received.get(id ?? '', signal),
    enabled: id !== undefined,
  });
  return (
    <DetailDrawer
      opened={id !== undefined}
      onClose={onClose}
      title={data?.title ?? t('document')}
      size="xl"
      data={data}
      error={error}
    >
      {(document) => <Details key={document.id} orgId={orgId} received={received} document={document} />}
    </DetailDrawer>
  );
}

function Details({ orgId, received, document }: Omit<Props, 'id' | 'onClose'> & { document: ReceivedContentView }) {
  const { t } = useTranslation('received');
  const queries = useQueryClient();
  const mayAdopt = useCanIn(orgId)(received.adoptRequires);
  const [resetting, setResetting] = useState(false);
  const { id, title, body, html, attachments, version, available, follow, overridden, unused, fields } = document;
  const refresh = () => queries.invalidateQueries({ queryKey: received.key });
  return (
    <Stack gap="lg">
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t('using', { version })}
        </Text>
        {follow !== 'latest' && available > version && (
          <Text size="sm" c="dimmed">
            {t('availableVersion', { version: available })}
          </Text>
        )}
      </Group>
      {received.kind === 'template' ? <RenderPreview orgId={orgId} id={id} /> : <Markup html={html} text={body} />}
      {attachments.length > 0 && (
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            {t('attachments')}
          </Text>
          {attachments.map(({ name, url }) => (
            <Anchor key={url + name} href={url} target="_blank" rel="noopener noreferrer" size="sm">
              {name}
            </Anchor>
          ))}
        </Stack>
      )}
      {unused.length > 0 && (
        <Alert variant="light" color="orange" title={t('unusedTitle')}>
          {unused.map(({ name, reason }) => (
            <Text key={name} size="sm">
              {t(`unused.${reason}`, { name })}
            </Text>
          ))}
        </Alert>
      )}
      {(fields.length > 0 || available > 1) && (
        <AdoptionForm received={received} document={document} mayAdopt={mayAdopt} onSaved={refresh} />
      )}
      {mayAdopt && (overridden || follow !== 'latest') && (
        <Group>
          <Button variant="default" onClick={() => setResetting(true)}>
            {t('reset')}
          </Button>
        </Group>
      )}
      <DangerDialog
        opened={resetting}
        onClose={() => setResetting(false)}
        title={t('resetTitle', { title })}
        verb={t('reset')}
        act={async () => {
          await received.reset(id);
          toast(t('resetDone', { title }));
          await refresh();
        }}
      >
        <Text size="sm">{t('resetText')}</Text>
      </DangerDialog>
    </Stack>
  );
}
