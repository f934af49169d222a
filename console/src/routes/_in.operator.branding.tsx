import { createFileRoute } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCan } from '../api/access';
import { BrandingEditor } from '../branding/BrandingEditor';
import { brandingQuery, operatorBranding } from '../branding/level';
import { validPreview } from '../branding/search';
import { PageHeader } from '../frame/PageHeader';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/_in/operator/branding')({
  validateSearch: validPreview,
  loader: async ({ context: { queryClient } }) => {
    await Promise.all([queryClient.fetchQuery(brandingQuery(operatorBranding)), loadTexts('branding')]);
  },
  component: OperatorBranding,
});

function OperatorBranding() {
  const { t } = useTranslation('branding');
  const { preview = 'sign-in' } = Route.useSearch();
  const can = useCan();
  return (
    <>
      <PageHeader title={t('title')} description={t('operatorDescription')} />
      <BrandingEditor level={operatorBranding} canEdit={can(requires.editOperatorBranding)} preview={preview} />
    </>
  );
}
