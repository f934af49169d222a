import { Button, List, Text } from '@mantine/core';
import { deleteAccount, exportAccount } from '@trellis/client';
import Download from 'lucide-react/icons/download';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { session } from '../api/session';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { saveFile } from '../frame/saveFile';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useStep } from '../sign-in/useStep';
import { Row, Rows } from './Row';

interface Props {
  deletes: boolean;
  onDeletes: (opened: boolean) => void;
}

/** What is stored about the user, and its end. */
export function DataCard({ deletes, onDeletes }: Props) {
  const { t } = useTranslation('account');
  const account = useAccount();
  const textOf = useProblemText();
  const { busy, run } = useStep((error) => toast(textOf(error), { error: true }));
  const save = () =>
    run(async () => {
      const { data } = await exportAccount();
      saveFile(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }), 'account.json');
    });
  return (
    <Card title={t('data.title')}>
      <Rows>
        <Row title={t('data.export')} text={t('data.exportText')}>
          <Button variant="default" leftSection={<Download size={15} />} loading={busy} onClick={() => void save()}>
            {t('data.exportButton')}
          </Button>
        </Row>
        <Row title={t('data.delete')} text={t('data.deleteText')}>
          <Button variant="default" c="var(--app-danger)" onClick={() => onDeletes(true)}>
            {t('data.deleteButton')}
          </Button>
        </Row>
      </Rows>
      <DangerDialog
        opened={deletes}
        onClose={() => onDeletes(false)}
        title={t('data.deleteTitle')}
        verb={t('data.deleteButton')}
        confirmName={account?.email ?? ''}
        act={async () => {
          await deleteAccount();
          await session.signOut();
        }}
      >
        <Text size="sm">{t('data.consequences')}</Text>
        <List size="sm">
          <List.Item>{t('data.leaves')}</List.Item>
          <List.Item>{t('data.erased')}</List.Item>
          <List.Item>{t('data.final')}</List.Item>
        </List>
      </DangerDialog>
    </Card>
  );
}
