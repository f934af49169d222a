import { createFileRoute } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AccountPage } from '../account/AccountPage';
import { CodesDialog, FactorCard } from '../account/FactorCard';
import { factors, identities, passkeys } from '../account/factors';
import { IdentityCard } from '../account/IdentityCard';
import { PasskeyCard } from '../account/PasskeyCard';
import { PasswordCard } from '../account/PasswordCard';
import { loadTexts } from '../i18n';

interface Search {
  dialog?: 'password';
  /** What the linking of an identity ended with. */
  code?: string;
}

export const Route = createFileRoute('/_in/account/security')({
  validateSearch: ({ dialog, code }: Record<string, unknown>): Search => ({
    ...(dialog === 'password' && { dialog }),
    ...(typeof code === 'string' && { code }),
  }),
  loader: async ({ context: { queryClient } }) => {
    for (const query of [factors, passkeys, identities]) void queryClient.prefetchQuery(query as typeof factors);
    await loadTexts('account');
  },
  component: Security,
});

function Security() {
  const { t } = useTranslation('account');
  const { dialog, code } = Route.useSearch();
  const navigate = Route.useNavigate();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <AccountPage title={t('security')}>
      <PasswordCard
        opened={dialog === 'password'}
        onOpened={(opened) => void navigate({ search: opened ? { dialog: 'password' } : {} })}
      />
      <FactorCard onCodes={setCodes} />
      <PasskeyCard onCodes={setCodes} />
      <IdentityCard code={code} />
      <CodesDialog codes={codes} onSaved={() => setCodes(null)} />
    </AccountPage>
  );
}
