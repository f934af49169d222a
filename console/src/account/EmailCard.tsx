import { Button, Group, Modal, PasswordInput, Text, TextInput } from '@mantine/core';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { askForEmailChange, cancelEmailChange, getEmailChange } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { isRefusal } from '../api/problem';
import { Card } from '../frame/Card';
import { ServerForm } from '../frame/ServerForm';
import { StatusBadge } from '../frame/StatusBadge';
import { toast } from '../frame/toast';
import { useProblemText } from '../frame/useProblemText';
import { useServerForm } from '../frame/useServerForm';
import { useFormat } from '../i18n/useFormat';
import { consoleBase } from '../start';
import { Row, Rows } from './Row';

/** Remembers that a change may wait, because the server answers with a refusal if none does. */
const HINT = `trellis-email-change-${consoleBase}`;

/** The change that waits for both addresses, null if there is none. */
const pendingChange = queryOptions({
  queryKey: ['email-change'],
  queryFn: async ({ signal }) => {
    try {
      return (await getEmailChange({ signal })).data;
    } catch (error) {
      if (!isRefusal(error, 'auth.email_change_not_found')) throw error;
      localStorage.removeItem(HINT);
      return null;
    }
  },
});

interface Props {
  changes: boolean;
  onChanges: (opened: boolean) => void;
}

export function EmailCard({ changes, onChanges }: Props) {
  const { t } = useTranslation(['account', 'common']);
  const account = useAccount();
  const queries = useQueryClient();
  const textOf = useProblemText();
  const format = useFormat();
  const pending = useQuery({ ...pendingChange, enabled: localStorage.getItem(HINT) !== null }).data;
  const cancel = async () => {
    try {
      await cancelEmailChange();
      toast(t('email.canceled'));
    } catch (error) {
      toast(textOf(error), { error: true });
    }
    await queries.invalidateQueries({ queryKey: pendingChange.queryKey });
  };
  return (
    <Card title={t('email.title')}>
      <Rows>
        <Row
          title={account?.email}
          aside={account?.emailVerified && <StatusBadge tone="good">{t('email.verified')}</StatusBadge>}
        >
          <Button variant="default" onClick={() => onChanges(true)}>
            {t('email.change')}
          </Button>
        </Row>
        {pending && (
          <Row
            title={pending.newEmail}
            aside={<StatusBadge tone="warning">{t('email.pending')}</StatusBadge>}
            text={
              pending.currentConfirmed
                ? t('email.waitsForNew', { until: format.dateTime(pending.expiresAt) })
                : pending.newConfirmed
                  ? t('email.waitsForCurrent', { until: format.dateTime(pending.expiresAt) })
                  : t('email.waitsForBoth', { until: format.dateTime(pending.expiresAt) })
            }
          >
            <Button variant="default" onClick={() => void cancel()}>
              {t('email.cancel')}
            </Button>
          </Row>
        )}
      </Rows>
      <Modal opened={changes} onClose={() => onChanges(false)} title={t('email.change')} withCloseButton={false}>
        <ChangeForm onClose={() => onChanges(false)} />
      </Modal>
    </Card>
  );
}

function ChangeForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['account', 'common']);
  const queries = useQueryClient();
  const model = useServerForm({
    initialValues: { newEmail: '', password: '' },
    send: async ({ newEmail, password }) => {
      const { data } = await askForEmailChange({ body: { newEmail: newEmail.trim(), ...(password && { password }) } });
      localStorage.setItem(HINT, 'yes');
      queries.setQueryData(pendingChange.queryKey, data);
    },
  });
  const { form, sending } = model;
  return (
    <ServerForm model={model} labels={{}} onDone={onClose}>
      <Text size="sm">{t('email.text')}</Text>
      <TextInput
        label={t('email.new')}
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        data-autofocus
        {...form.getInputProps('newEmail')}
      />
      <PasswordInput label={t('password.yours')} autoComplete="current-password" {...form.getInputProps('password')} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending}>
          {t('email.send')}
        </Button>
      </Group>
    </ServerForm>
  );
}
