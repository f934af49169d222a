import { Button, Group, Modal, Skeleton, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { addPasskey, getPasskeyCreationOptions, type PasskeyView, removePasskey, renamePasskey } from '@trellis/client';
import Fingerprint from 'lucide-react/icons/fingerprint-pattern';
import Plus from 'lucide-react/icons/plus';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../frame/Card';
import { DangerDialog } from '../frame/DangerDialog';
import { ProblemAlert } from '../frame/Problem';
import { ServerForm } from '../frame/ServerForm';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { useFormat } from '../i18n/useFormat';
import { createPasskey, hasPasskeys } from '../sign-in/passkey';
import { passkeys, refreshFactors } from './factors';
import { Row, Rows } from './Row';

type Dialog = { name: 'add' } | { name: 'rename' | 'remove'; passkey: PasskeyView };

export function PasskeyCard({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const format = useFormat();
  const list = useQuery(passkeys);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const add = async (name: string) => {
    const { data: options } = await getPasskeyCreationOptions();
    const credential = await createPasskey(options);
    const { data } = await addPasskey({ body: { name, credential } });
    await refreshFactors(queries);
    if (data.recoveryCodes) onCodes(data.recoveryCodes);
    else toast(t('passkeys.added'));
  };
  const rename = async (id: string, name: string) => {
    await renamePasskey({ path: { passkeyId: id }, body: { name } });
    await refreshFactors(queries);
  };
  return (
    <Card
      title={t('passkeys.title')}
      action={
        <Button
          variant="default"
          leftSection={<Plus size={15} />}
          disabled={!hasPasskeys()}
          onClick={() => setDialog({ name: 'add' })}
        >
          {t('passkeys.add')}
        </Button>
      }
    >
      {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton h={48} />}
      {list.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t(hasPasskeys() ? 'passkeys.none' : 'passkeys.unsupported')}
        </Text>
      )}
      <Rows label={t('passkeys.title')}>
        {list.data?.map((passkey) => (
          <Row
            key={passkey.id}
            icon={<Fingerprint size={18} aria-hidden color="var(--mantine-color-dimmed)" />}
            title={passkey.name}
            aside={passkey.synced && <StatusBadge tone="neutral">{t('passkeys.synced')}</StatusBadge>}
            text={
              passkey.lastUsedAt
                ? t('passkeys.used', { since: format.date(passkey.createdAt), ago: format.ago(passkey.lastUsedAt) })
                : t('passkeys.unused', { since: format.date(passkey.createdAt) })
            }
          >
            <Button variant="default" size="xs" onClick={() => setDialog({ name: 'rename', passkey })}>
              {t('passkeys.rename')}
            </Button>
            <Button variant="default" size="xs" onClick={() => setDialog({ name: 'remove', passkey })}>
              {t('remove')}
            </Button>
          </Row>
        ))}
      </Rows>
      <Modal opened={dialog?.name === 'add'} onClose={close} title={t('passkeys.add')} withCloseButton={false}>
        <NameForm initial="" verb={t('passkeys.add')} text={t('passkeys.addText')} onName={add} onClose={close} />
      </Modal>
      <Modal opened={dialog?.name === 'rename'} onClose={close} title={t('passkeys.rename')} withCloseButton={false}>
        {dialog?.name === 'rename' && (
          <NameForm
            initial={dialog.passkey.name}
            verb={t('passkeys.rename')}
            onName={(name) => rename(dialog.passkey.id, name)}
            onClose={close}
          />
        )}
      </Modal>
      <DangerDialog
        opened={dialog?.name === 'remove'}
        onClose={close}
        title={t('passkeys.removeTitle')}
        verb={t('remove')}
        act={async () => {
          if (dialog?.name !== 'remove') return;
          await removePasskey({ path: { passkeyId: dialog.passkey.id } });
          await refreshFactors(queries);
        }}
      >
        <Text size="sm">{t('passkeys.removeText')}</Text>
      </DangerDialog>
    </Card>
  );
}

interface FormProps {
  initial: string;
  verb: string;
  text?: string;
  onName: (name: string) => Promise<void>;
  onClose: () => void;
}

function NameForm({ initial, verb, text, onName, onClose }: FormProps) {
  const { t } = useTranslation(['account', 'common']);
  const model = useServerForm({
    initialValues: { name: initial },
    send: ({ name }) => onName(name.trim() || t('passkeys.defaultName')),
  });
  const { form, sending } = model;
  return (
    <ServerForm model={model} labels={{}} onDone={onClose}>
      {text && <Text size="sm">{text}</Text>}
      <TextInput
        label={t('passkeys.name')}
        placeholder={t('passkeys.namePlaceholder')}
        maxLength={100}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending}>
          {verb}
        </Button>
      </Group>
    </ServerForm>
  );
}
