import { useTranslation } from 'react-i18next';
import { RouteAnchor } from '../frame/links';
import type { SignInSearch } from './address';

export function BackToSignIn({ search }: { search: SignInSearch }) {
  const { t } = useTranslation('signIn');
  return (
    <RouteAnchor to="/sign-in" search={search} size="sm">
      {t('backToSignIn')}
    </RouteAnchor>
  );
}
