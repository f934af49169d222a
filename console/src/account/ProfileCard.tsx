import { TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type AccountView, getAccount, updateAccount } from '@trellis/client';
import { getAccountQueryKey } from '@trellis/client/react-query';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../api/access';
import { Card } from '../frame/Card';
import { FormActions, ServerForm } from '../frame/ServerForm';
import { toast } from '../frame/toast';
import { useServerForm } from '../frame/useServerForm';

const versionOf = ({ name, etag }: AccountView) => ({ values: { name }, etag });

export function ProfileCard() {
  const account = useAccount();
  return account ? <ProfileForm account={account} /> : null;
}

function ProfileForm({ account }: { account: AccountView }) {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const { values, etag } = versionOf(account);
  const model = useServerForm({
    initialValues: values,
    etag,
    current: async () => versionOf((await getAccount()).data),
    send: async (changed, ifMatch) => {
      const { data } = await updateAccount({
        body: { name: changed.name },
        ...(ifMatch && { headers: { 'If-Match': ifMatch } }),
      });
      queries.setQueryData(getAccountQueryKey(), data);
      model.form.resetDirty({ name: data.name });
      model.form.setInitialValues({ name: data.name });
    },
  });
  return (
    <Card title={t('profile.title')}>
      <ServerForm model={model} labels={{ name: t('profile.name') }} guard onDone={() => toast(t('saved'))}>
        <TextInput
          label={t('profile.name')}
          autoComplete="name"
          maxLength={120}
          {...model.form.getInputProps('name')}
        />
        <FormActions model={model} />
      </ServerForm>
    </Card>
  );
}
