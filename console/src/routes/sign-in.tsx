import { Center, Paper, Stack, Text, Title } from '@mantine/core';
import { createFileRoute, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Brand } from '../frame/Brand';
import { useDocumentTitle } from '../frame/PageHeader';
import { SignInForm } from '../frame/SignInForm';
import { loadTexts } from '../i18n';
import { start } from '../start';
import classes from '../frame/SignIn.module.css';

interface Search {
  to?: string;
  email?: string;
}

export const Route = createFileRoute('/sign-in')({
  validateSearch: ({ to, email }: Record<string, unknown>): Search => ({
    // Anyone can write this address, so it leads to paths of the console only.
    ...(typeof to === 'string' && /^\/(?![/\\])/.test(to) && { to }),
    ...(typeof email === 'string' && email && { email }),
  }),
  loader: () => loadTexts('signIn'),
  component: SignInPage,
});

function SignInPage() {
  const { t } = useTranslation('signIn');
  const router = useRouter();
  const { to, email } = Route.useSearch();
  const { displayName } = start.branding;
  useDocumentTitle(t('title'));
  return (
    <Center mih="100dvh" p="md" component="main" className={classes.page}>
      <Stack w="100%" maw={380} gap="lg">
        <div className={classes.brand}>
          <Brand />
        </div>
        <Paper withBorder p="xl">
          <Stack gap="lg">
            <div>
              <Title order={1}>{t('title')}</Title>
              <Text c="dimmed" size="sm">
                {t('to', { name: displayName })}
              </Text>
            </div>
            <SignInForm email={email} onDone={() => router.history.replace(router.basepath + (to ?? '/'))} />
          </Stack>
        </Paper>
      </Stack>
    </Center>
  );
}
