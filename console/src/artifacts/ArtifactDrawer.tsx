import { Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ArtifactView, deleteArtifact, getArtifact } from '@trellis/client';
import * as requires from '@trellis/client/requires';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount, useCanIn } from '../api/access';
import { CopyButton } from '../frame/CopyButton';
import { DangerDialog } from '../frame/DangerDialog';
import { DetailDrawer } from '../frame/DetailDrawer';
import { toast } from '../frame/toast';
import { useFormat } from '../i18n/useFormat';
import { Facts } from '../members/Facts';
import { useSize } from './useSize';

interface Props {
  orgId: string;
  /** What the address names. */
  opened: { id: string; unitId: string } | undefined;
  onClose: () => void;
}

/** Everything that is known about an artifact. */
export function ArtifactDrawer({ orgId, opened, onClose }: Props) {
  const { t } = useTranslation('artifacts');
  const { data, error } = useQuery({
    queryKey: ['artifacts', orgId, 'one', opened],
    queryFn: async ({ signal }) => {
      const { id = '', unitId = '' } = opened ?? {};
      return (await getArtifact({ path: { orgId, unitId, artifactId: id }, signal })).data;
    },
    enabled: opened !== undefined,
  });
  return (
    <DetailDrawer
      opened={opened !== undefined}
      onClose={onClose}
      title={data?.name ?? t('artifact')}

      data={data}
      error={error}
    >
      {(artifact) => <Details orgId={orgId} artifact={artifact} onDeleted={onClose} />}
    </DetailDrawer>
  );
}

const copied = (value: string, label: string, shown: ReactNode = value) => (
  <Group gap={4} wrap="nowrap" align="flex-start">
    <Text inherit style={{ overflowWrap: 'anywhere' }}>
      {shown}
    </Text>
    <CopyButton value={value} label={label} />
  </Group>
);

/** Only addresses of web pages are links: browsers open nothing else. */
const address = (uri: string) =>
  uri.startsWith('https://') ? (
    <Anchor href={uri} target="_blank" rel="noopener noreferrer" inherit>
      {uri}
    </Anchor>
  ) : (
    uri
  );

function Details({ orgId, artifact, onDeleted }: { orgId: string; artifact: ArtifactView; onDeleted: () => void }) {
  const { t } = useTranslation('artifacts');
  const format = useFormat();
  const size = useSize();
  const queries = useQueryClient();
  const account = useAccount();
  const can = useCanIn(orgId, artifact.unitId);
  const [deleting, setDeleting] = useState(false);
  const { id, unitId, name, sha256, runId, metadata, memberId } = artifact;
  const mayDelete =
    can(requires.deleteArtifact) &&
    (memberId === account?.id || can({ level: 'unit', permission: 'artifacts:deleteAll' }));
  return (
    <Stack>
      <Facts
        items={[
          { label: t('kind'), value: artifact.kind },
          { label: t('address'), value: copied(artifact.uri, t('copyAddress'), address(artifact.uri)) },
          { label: t('unit'), value: artifact.unitName },
          { label: t('size'), value: artifact.sizeBytes === null ? t('unknown') : size(artifact.sizeBytes) },
          { label: t('hash'), value: sha256 ? copied(sha256, t('copyHash'), <Code>{sha256}</Code>) : t('unknown') },
          ...(runId ? [{ label: t('run'), value: copied(runId, t('copyRun'), <Code>{runId}</Code>) }] : []),
          { label: t('registered'), value: format.dateTime(artifact.createdAt) },
          { label: t('by'), value: t(memberId ? 'byMember' : 'byKey') },
        ]}
      />
      {metadata && (
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            {t('metadata')}
          </Text>
          <Code block>{JSON.stringify(metadata, null, 2)}</Code>
        </Stack>
      )}
      {mayDelete && (
        <Group>
          <Button variant="default" onClick={() => setDeleting(true)}>
            {t('delete')}
          </Button>
        </Group>
      )}
      <DangerDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={t('deleteTitle', { name })}
        verb={t('delete')}
        act={async () => {
          await deleteArtifact({ path: { orgId, unitId, artifactId: id } });
          toast(t('deleted', { name }));
          onDeleted();
          await queries.invalidateQueries({ queryKey: ['artifacts', orgId] });
        }}
      >
        <Text size="sm">{t('deleteText')}</Text>
      </DangerDialog>
    </Stack>
  );
}
