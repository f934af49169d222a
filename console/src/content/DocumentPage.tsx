import { Alert, Button, Grid, Menu, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ContentDocumentView } from '@trellis/client';
import ChevronDown from 'lucide-react/icons/chevron-down';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useList } from '../api/pages';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { DetailDrawer } from '../frame/DetailDrawer';
import { RouteAnchor } from '../frame/links';
import { PageHeader } from '../frame/PageHeader';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useFormat } from '../i18n/useFormat';
import { AudienceCard } from './AudienceCard';
import { DocumentForm } from './DocumentForm';
import { type DocumentLevel, STATE_TONES } from './level';
import { PublicationCard } from './PublicationCard';
import { PublishDialog } from './PublishDialog';
import type { DocumentPageSearch } from './pageSearch';
import { documentQuery, publicationQuery } from './queries';

interface Props {
  level: DocumentLevel;
  id: string;
  search: DocumentPageSearch;
  setSearch: (next: DocumentPageSearch) => void;
  mayEdit: boolean;
}

/** One template or content item: its text, versions, audience and publication. */
export function DocumentPage({ level, id, search, setSearch, mayEdit }: Props) {
  const { t } = useTranslation(['documents', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const { data: document } = useSuspenseQuery(documentQuery(level, id));
  const { data: publication } = useQuery(publicationQuery(level, document));
  // The version grows with what the form shows, so the form begins anew with each version and state.
  const [edited, setEdited] = useState(0);
  const { title, state, version, publishedVersion } = document;
  const editable = mayEdit && state === 'draft' && document.scheduledAt === null;
  const refresh = () => queries.invalidateQueries({ queryKey: level.key });
  const close = () => setSearch({ dialog: undefined });
  const keep = (saved: ContentDocumentView) => queries.setQueryData(documentQuery(level, id).queryKey, saved);
  const nextVersion = useMutation({
    mutationFn: () => level.addVersion(id, {}),
    onSuccess: async () => {
      toast(t('versionAdded'));
      await refresh();
      setEdited((count) => count + 1);
    },
    onError: (error) => toast(problemText(error), { error: true }),
  });
  const cancel = useMutation({
    mutationFn: () => level.cancel(id),
    onSuccess: async () => {
      toast(t('scheduleCancelled'));
      await refresh();
    },
    onError: (error) => toast(problemText(error), { error: true }),
  });
  const never = publishedVersion === null && state === 'draft';
  return (
    <>
      <PageHeader
        title={title}
        aside={<StatusBadge tone={STATE_TONES[state]}>{t(`states.${state}`)}</StatusBadge>}
        description={
          <>
            <RouteAnchor to={level.to} size="sm" underline="always">
              {t(`pageTitle.${level.kind}`)}
            </RouteAnchor>
            {` · ${document.key} · ${t('versionNumber', { version })}`}
          </>
        }
        actions={
          mayEdit && (
            <>
              {publication?.state === 'scheduled' && (
                <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
                  {t('cancelSchedule')}
                </Button>
              )}
              {editable && <Button onClick={() => setSearch({ dialog: 'publish' })}>{t('publishMore')}</Button>}
              {(state === 'published' || state === 'withdrawn') && (
                <Button loading={nextVersion.isPending} onClick={() => nextVersion.mutate()}>
                  {t('newVersion')}
                </Button>
              )}
              {(publishedVersion !== null || never) && (
                <Menu position="bottom-end">
                  <Menu.Target>
                    <Button variant="default" rightSection={<ChevronDown size={14} />}>
                      {t('more')}
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {publishedVersion !== null && (
                      <Menu.Item onClick={() => setSearch({ dialog: 'withdraw' })}>{t('withdraw')}</Menu.Item>
                    )}
                    {never && <Menu.Item onClick={() => setSearch({ dialog: 'delete' })}>{t('delete')}</Menu.Item>}
                  </Menu.Dropdown>
                </Menu>
              )}
            </>
          )
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Card title={t('text')}>
            <Stack>
              {!editable && mayEdit && (
                <Alert variant="light">{t(`readOnly.${document.scheduledAt ? 'scheduled' : state}`)}</Alert>
              )}
              <DocumentForm
                key={`${version}-${state}-${edited}`}
                document={document}
                readOnly={!editable}
                send={async (body, etag) => {
                  const saved = await level.update(id, body, etag);
                  keep(saved);
                  toast(t('saved', { title: saved.title }));
                  return saved;
                }}
                reload={() => level.get(id)}
              />
            </Stack>
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md">
            <PublicationCard level={level} document={document} />
            <AudienceCard
              key={document.etag}
              level={level}
              document={document}
              mayEdit={mayEdit}
              onSaved={(saved) => {
                keep(saved);
                void queries.invalidateQueries({ queryKey: level.key });
              }}
            />
            <Versions level={level} id={id} open={(number) => setSearch({ version: number })} />
          </Stack>
        </Grid.Col>
      </Grid>
      {editable && search.dialog === 'publish' && (
        <PublishDialog level={level} document={document} onClose={close} onPublished={refresh} />
      )}
      <DangerDialog
        opened={mayEdit && search.dialog === 'withdraw'}
        onClose={close}
        title={t('withdrawTitle', { title })}
        verb={t('withdraw')}
        act={async () => {
          await level.withdraw(id);
          toast(t('withdrawn', { title }));
          await refresh();
        }}
      >
        <Text size="sm">{t('withdrawText')}</Text>
      </DangerDialog>
      <DangerDialog
        opened={mayEdit && never && search.dialog === 'delete'}
        onClose={close}
        title={t('deleteTitle', { title })}
        verb={t('delete')}
        act={async () => {
          await level.remove(id);
          toast(t('deleted', { title }));
          await navigate({ to: level.to, ignoreBlocker: true });
          queries.removeQueries({ queryKey: [...level.key, 'one', id] });
          await refresh();
        }}
      >
        <Text size="sm">{t('deleteText')}</Text>
      </DangerDialog>
      <VersionDrawer level={level} id={id} version={search.version} onClose={() => setSearch({ version: undefined })} />
    </>
  );
}

function Versions({ level, id, open }: { level: DocumentLevel; id: string; open: (version: number) => void }) {
  const { t } = useTranslation('documents');
  const format = useFormat();
  const { rows, query } = useList(level.versions(id));
  return (
    <Card title={t('versions')}>
      <Table>
        <Table.Tbody>
          {rows.map(({ version, state, publishedAt, createdAt }) => (
            <Table.Tr key={version}>
              <Table.Td>
                <Button variant="subtle" size="compact-sm" ml={-8} onClick={() => open(version)}>
                  {t('versionNumber', { version })}
                </Button>
              </Table.Td>
              <Table.Td>
                <StatusBadge tone={STATE_TONES[state]}>{t(`states.${state}`)}</StatusBadge>
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" c="dimmed">
                  {format.date(publishedAt ?? createdAt)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {query.hasNextPage && (
        <Button variant="default" size="compact-sm" mt="xs" onClick={() => void query.fetchNextPage()}>
          {t('moreVersions')}
        </Button>
      )}
    </Card>
  );
}

interface VersionProps {
  level: DocumentLevel;
  id: string;
  version: number | undefined;
  onClose: () => void;
}

/** What an earlier version said. */
function VersionDrawer({ level, id, version, onClose }: VersionProps) {
  const { t } = useTranslation(['documents', 'common']);
  const { data, error } = useQuery({
    queryKey: [...level.key, 'one', id, 'version', version],
    queryFn: ({ signal }) => level.version(id, version ?? 0, signal),
    enabled: version !== undefined,
  });
  return (
    <DetailDrawer
      opened={version !== undefined}
      onClose={onClose}
      title={t('versionNumber', { version })}
      data={data}
      error={error}
    >
      {(one) => (
        <Stack>
          <Text fw={600} dir="auto">
            {one.title}
          </Text>
          <Text
            component="pre"
            ff="monospace"
            size="sm"
            m={0}
            style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
          >
            {one.body}
          </Text>
        </Stack>
      )}
    </DetailDrawer>
  );
}
