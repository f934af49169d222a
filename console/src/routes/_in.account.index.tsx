import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AccountPage } from '../account/AccountPage';
import { DataCard } from '../account/DataCard';
import { EmailCard } from '../account/EmailCard';
import { PreferencesCard } from '../account/PreferencesCard';
import { ProfileCard } from '../account/ProfileCard';
import { loadTexts } from '../i18n';

const DIALOGS = ['email', 'delete'] as const;
type Dialog = (typeof DIALOGS)[number];

export const Route = createFileRoute('/_in/account/')({
  validateSearch: ({ dialog }: Record<string, unknown>): { dialog?: Dialog } =>
    DIALOGS.includes(dialog as Dialog) ? { dialog: dialog as Dialog } : {},
  loader: () => loadTexts('account'),
  component: Account,
});

function Account() {
  const { t } = useTranslation('account');
  const { dialog } = Route.useSearch();
  const navigate = Route.useNavigate();
  const open = (next?: Dialog) => void navigate({ search: next ? { dialog: next } : {} });
  return (
    <AccountPage title={t('title')}>
      <ProfileCard />
      <EmailCard changes={dialog === 'email'} onChanges={(opened) => open(opened ? 'email' : undefined)} />
      <PreferencesCard />
      <DataCard deletes={dialog === 'delete'} onDeletes={(opened) => open(opened ? 'delete' : undefined)} />
    </AccountPage>
  );
}
