import { createFileRoute } from '@tanstack/react-router';
import * as requires from '@trellis/client/requires';
import { useTranslation } from 'react-i18next';
import { useCanIn } from '../api/access';
import { BrandingEditor } from '../branding/BrandingEditor';
import { brandingQuery, organizationBranding } from '../branding/level';
import { validPreview } from '../branding/search';
import { PageHeader } from '../frame/PageHeader';
import { loadTexts } from '../i18n';

export const Route = createFileRoute('/_in/o/$slug/branding')({
  validateSearch: validPreview,
  loader: async ({ context: { queryClient, organization } }) => {
    await Promise.all([
      queryClient.fetchQuery(brandingQuery(organizationBranding(organization.id))),
      loadTexts('branding'),
    ]);
  },
  component: OrganizationBranding,
});

function OrganizationBranding() {
  const { t } = useTranslation('branding');
  const { organization } = Route.useRouteContext();
  const { preview = 'sign-in' } = Route.useSearch();
  const can = useCanIn(organization.id);
  return (
    <>
      <PageHeader title={t('title')} description={t('description', { name: organization.name })} />
      <BrandingEditor
        key={organization.id}
        level={organizationBranding(organization.id)}
        canEdit={can(requires.editOrganizationBranding)}
        preview={preview}
      />
    </>
  );
}
