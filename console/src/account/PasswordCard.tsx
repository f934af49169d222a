import { Button, Group, Modal, PasswordInput } from '@mantine/core';
import { changePassword } from '@trellis/client';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { Card } from '../frame/Card';
import { ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';
import { Row, Rows } from './Row';

interface Props {
  opened: boolean;
  onOpened: (opened: boolean) => void;
}

export function PasswordCard({ opened, onOpened }: Props) {
  const { t } = useTranslation('account');
  const close = () => onOpened(false);
  return (
    <Card title={t('password.title')}>
      <Rows>
        <Row title={t('password.row')} text={t('password.text')}>
          <Button variant="default" onClick={() => onOpened(true)}>
            {t('password.change')}
          </Button>
        </Row>
      </Rows>
      <Modal opened={opened} onClose={close} title={t('password.change')} withCloseButton={false}>
        <PasswordForm onClose={close} />
      </Modal>
    </Card>
  );
}

const CODES = {
  current: ['auth.wrong_password'],
  next: ['auth.password_too_short', 'auth.password_too_weak', 'auth.password_too_common'],
};

function PasswordForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['account', 'common']);
  const account = useAccount();
  const model = useServerForm({
    initialValues: { currentPassword: '', newPassword: '' },
    fieldOf: (code) =>
      CODES.current.includes(code) ? 'currentPassword' : CODES.next.includes(code) ? 'newPassword' : undefined,
    send: (body) => changePassword({ body }),
  });
  const { form, sending } = model;
  const done = () => {
    toast(t('password.changed'));
    onClose();
  };
  const show = { visibilityToggleButtonProps: { 'aria-label': t('password.show') } };
  return (
    <ServerForm model={model} labels={{}} onDone={done}>
      {/* Password managers keep the new password with the right account. */}
      <input type="hidden" name="username" autoComplete="username" value={account?.email ?? ''} readOnly />
      <PasswordInput
        label={t('password.current')}
        autoComplete="current-password"
        data-autofocus
        {...show}
        {...form.getInputProps('currentPassword')}
      />
      <PasswordInput
        label={t('password.new')}
        autoComplete="new-password"
        {...show}
        {...form.getInputProps('newPassword')}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
        <Button type="submit" loading={sending}>
          {t('password.change')}
        </Button>
      </Group>
    </ServerForm>
  );
}
