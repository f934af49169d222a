import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { start } from '../start';
import classes from './SignIn.module.css';

/** Links to the documents of the operator, if there are any. */
export function Legal() {
  const { t } = useTranslation('signIn');
  const { termsUrl, privacyUrl } = start.branding;
  if (!termsUrl && !privacyUrl) return null;
  return (
    <footer className={classes.legal}>
      {termsUrl && (
        <Anchor href={termsUrl} rel="noreferrer" c="dimmed" size="xs">
          {t('terms')}
        </Anchor>
      )}
      {privacyUrl && (
        <Anchor href={privacyUrl} rel="noreferrer" c="dimmed" size="xs">
          {t('privacy')}
        </Anchor>
      )}
    </footer>
  );
}
