import { Button, Stack, Text, TextInput } from '@mantine/core';
import { createFileRoute } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useState } from 'react';
import { Trans } from 'react-i18next';
import { signInCall } from '../api/session';
import { ServerForm } from '../frame/ServerForm';
import { useServerForm } from '../frame/useServerForm';
import { loadTexts } from '../i18n';
import { signInSearch } from '../sign-in/address';
import { AskForAccess } from '../sign-in/AskForAccess';
import { BackToSignIn } from '../sign-in/BackToSignIn';
import { SignInShell } from '../sign-in/SignInShell';
import { start } from '../start';

export const Route = createFileRoute('/register')({
  validateSearch: signInSearch,
  loader: () => loadTexts('signIn'),
  component: Register,
});

function Register() {
  const { t } = useTranslation('signIn');
  const search = Route.useSearch();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const model = useServerForm({
    initialValues: { name: '', email: search.email ?? '' },
    send: async (values) => {
      await signInCall('register', { ...values, email: values.email.trim() });
      setSentTo(values.email.trim());
    },
  });
  const { form, sending } = model;
  const open = start.signIn.selfRegistration;
  const text = open ? !sentTo && t('register.text') : t('register.closed');
  return (
    <SignInShell
      title={t('createAccount')}
      text={text}
      footer={
        <>
          {t('haveAccount')} <BackToSignIn search={{ ...search, ...(sentTo && { email: sentTo }) }} />
        </>
      }
    >
      {!open && <AskForAccess />}
      {open && sentTo && (
        <>
          <Text size="sm" role="status">
            <Trans
              t={t}
              i18nKey="register.sent"
              values={{ email: sentTo }}
              components={{ b: <Text span fw={600} inherit /> }}
            />
          </Text>
          <Button variant="default" onClick={() => setSentTo(null)}>
            {t('otherAddress')}
          </Button>
        </>
      )}
      {open && !sentTo && (
        <ServerForm model={model} labels={{}}>
          <Stack gap="md">
            <TextInput
              label={t('name')}
              autoComplete="name"
              maxLength={120}
              autoFocus
              required
              withAsterisk={false}
              {...form.getInputProps('name')}
            />
            <TextInput
              label={t('email')}
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              {...form.getInputProps('email')}
            />
            <Button type="submit" loading={sending}>
              {t('createAccount')}
            </Button>
          </Stack>
        </ServerForm>
      )}
    </SignInShell>
  );
}
