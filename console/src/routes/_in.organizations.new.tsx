import { Modal } from '@mantine/core';
import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { toast } from '../frame/toast';
import { loadTexts } from '../i18n';
import { NewOrganizationForm } from '../organizations/NewOrganizationForm';

/** A dialog over the list of organizations, whose filters stay in the address. */
export const Route = createFileRoute('/_in/organizations/new')({
  loader: () => loadTexts('newOrganization'),
  component: NewOrganization,
});

function NewOrganization() {
  const { t } = useTranslation(['newOrganization', 'common']);
  const navigate = Route.useNavigate();
  const close = () => void navigate({ to: '/organizations', search: true });
  return (
    <Modal opened onClose={close} title={t('title')} size="lg" closeButtonProps={{ 'aria-label': t('common:close') }}>
      <NewOrganizationForm
        onCancel={close}
        onCreated={({ name, slug }) => {
          toast(t('created', { name }));
          void navigate({ to: '/o/$slug', params: { slug } });
        }}
      />
    </Modal>
  );
}
