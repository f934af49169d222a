import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../frame/PageHeader';
import { StatusBadge } from '../frame/StatusBadge';

export const Route = createFileRoute('/_in/o/$slug/')({ component: Overview });

function Overview() {
  const { t } = useTranslation();
  const { organization } = Route.useRouteContext();
  const { name, status, description } = organization;
  return (
    <PageHeader
      title={name}
      aside={
        status === 'active' ? undefined : (
          <StatusBadge tone={status === 'suspended' ? 'warning' : 'bad'}>{t(`status.${status}`)}</StatusBadge>
        )
      }
      description={description}
    />
  );
}
